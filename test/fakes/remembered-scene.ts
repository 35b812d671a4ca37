/** A namer that a test drives, remembered as a daemon remembers it: it can be restarted, and its registry asked again. */
import { AddressSet } from "../../src/base/address.ts";
import { SourceGuard } from "../../src/base/guard.ts";
import { silentLog } from "../../src/base/log.ts";
import { failed, ok, type State, type Var } from "../../src/base/var.ts";
import { leaf, leaves, type NameTree, neg } from "../../src/naming/name-tree.ts";
import type { Name, Namer } from "../../src/naming/namer.ts";
import { Path } from "../../src/naming/path.ts";
import { FreshLooks } from "../../src/snapshot/fresh-looks.ts";
import { Memory } from "../../src/snapshot/memory.ts";
import { RememberingNamer } from "../../src/snapshot/remembering-namer.ts";
import type { FakeClock } from "../../src/testing/fake-clock.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { Dial } from "./naming-fixture.ts";

/** One host a letter. */
export const setOf = (letters: string): AddressSet =>
  AddressSet.of(letters.split("").map((host) => ({ host, port: 80, weight: 1 })));

export const lettersOf = (set: AddressSet | undefined): string | undefined =>
  set?.addresses.map(({ host }) => host).join("");

/** What a registry says, by the first element of a name; everything is pending until it is set. */
export class FakeRegistry implements Namer {
  readonly #trees = new Map<string, Dial<NameTree<Name>>>();
  readonly #addresses = new Map<string, Dial<AddressSet>>();
  released: string[] = [];
  isClosed = false;

  lookup(path: Path): Var<NameTree<Name>> {
    return this.tree(path.show).var;
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    this.released.push(`${path.show} ${why}`);
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
  }

  tree(name: string): Dial<NameTree<Name>> {
    return remade(this.#trees, name);
  }

  addresses(id: string): Dial<AddressSet> {
    return remade(this.#addresses, id);
  }

  /** The name is bound to these hosts. */
  says(name: string, letters: string): void {
    const id = Path.read(name);
    this.addresses(name).set(ok(setOf(letters)));
    this.tree(name).set(
      ok(leaf<Name>({ kind: "bound", id, addresses: this.addresses(name).var, residual: Path.empty })),
    );
  }

  knowsNo(name: string): void {
    this.tree(name).set(ok(neg));
  }

  cannotSay(name: string, why = "down"): void {
    this.tree(name).set(failed(new Error(why)));
    this.addresses(name).set(failed(new Error(why)));
  }
}

/** One run of a daemon. */
export class RememberedRun {
  readonly registry = new FakeRegistry();
  /** What a second look finds: as the registry itself unless the test says otherwise. */
  second = this.registry;
  looks = 0;
  readonly memory: Memory;
  readonly namer: RememberingNamer;

  constructor(clock: FakeClock, memory = new Memory(), holdMs = 30_000) {
    this.memory = memory;
    const guard = new SourceGuard({ holdMs, nameShare: 0.5, sourceShare: 0.2 }, clock, seededRandom(1), silentLog);
    const open = async (): Promise<Namer> => {
      this.looks++;
      return this.second;
    };
    const looks = new FreshLooks(open, clock);
    this.namer = new RememberingNamer({ namer: this.registry, memory: memory.of("/n"), guard, looks, clock });
  }

  follow(name: string): FollowedName {
    return new FollowedName(this.namer, name);
  }
}

/** A name and the addresses behind it, as a route and a cluster observe them. */
export class FollowedName implements Disposable {
  tree: State<NameTree<Name>> = { tag: "pending" };
  addresses: State<AddressSet> = { tag: "pending" };
  readonly #name: Disposable;
  #followed: Var<AddressSet> | undefined;
  #following: Disposable | undefined;

  constructor(namer: Namer, name: string) {
    this.#name = namer.lookup(Path.read(name)).observe((state) => {
      this.tree = state;
      const found = state.tag === "ok" ? leaves(state.value)[0] : undefined;
      if (found?.kind === "bound") this.#follow(found.addresses);
    });
  }

  /** The hosts, with `stale` or `held` after them; or `~`, `pending` or why it has failed. */
  get shown(): string {
    const { tree, addresses } = this;
    if (tree.tag === "failed") return tree.cause.message;
    if (tree.tag === "pending" || (tree.value.tag !== "neg" && addresses.tag === "pending")) return "pending";
    if (tree.value.tag === "neg") return "~";
    if (addresses.tag !== "ok") return addresses.tag;
    const about = [(addresses.stale ?? tree.stale) ? " stale" : "", (addresses.held ?? tree.held) ? " held" : ""];
    return `${lettersOf(addresses.value)}${about.join("")}`;
  }

  [Symbol.dispose](): void {
    this.#following?.[Symbol.dispose]();
    this.#name[Symbol.dispose]();
  }

  #follow(addresses: Var<AddressSet>): void {
    if (this.#followed === addresses) return;
    this.#followed = addresses;
    const before = this.#following;
    this.#following = addresses.observe((state) => (this.addresses = state));
    before?.[Symbol.dispose]();
  }
}

function remade<T>(dials: Map<string, Dial<T>>, key: string): Dial<T> {
  const dial = dials.get(key) ?? new Dial<T>();
  dials.set(key, dial);
  return dial;
}
