/** A namer that starts from what is remembered where its registry cannot be asked, and remembers what that said. */
import { AddressSet } from "../base/address.ts";
import type { SourceGuard } from "../base/guard.ts";
import type { Derivable } from "../base/cell.ts";
import type { Clock } from "../base/time.ts";
import type { Var } from "../base/var.ts";
import { type NameTree, treeEquals } from "../naming/name-tree.ts";
import type { Name, Namer, WatchView } from "../naming/namer.ts";
import type { Path } from "../naming/path.ts";
import { SharedVar } from "../naming/shared-sources.ts";
import type { AddressesHome } from "./addresses-home.ts";
import type { FreshLooks } from "./fresh-looks.ts";
import type { NamerMemory } from "./memory.ts";
import { RememberedAddresses } from "./remembered-addresses.ts";
import { type NamesHome, RememberedName } from "./remembered-name.ts";
import { overlaid } from "./view.ts";

export interface RememberingNamerParts {
  /** Whose answers they are; it belongs to this one from now on. */
  readonly namer: Namer;
  readonly memory: NamerMemory;
  /** Judges first answers by what is remembered. Later ones are for the namer's own. */
  readonly guard: SourceGuard;
  readonly looks: FreshLooks;
  readonly clock: Clock;
}

/** Around any namer; what it does beyond looking up is passed on. */
export class RememberingNamer implements Namer {
  instances?: NonNullable<Namer["instances"]>;
  names?: NonNullable<Namer["names"]>;
  otherClients?: NonNullable<Namer["otherClients"]>;
  #parts: RememberingNamerParts;
  readonly #addresses = new Map<string, RememberedAddresses>();
  readonly #namesHome: NamesHome;
  readonly #addressesHome: AddressesHome;

  constructor(parts: RememberingNamerParts) {
    this.#parts = parts;
    const { memory, clock, guard } = parts;
    this.#namesHome = {
      memory,
      clock,
      equals: (a, b) => treeEquals(a, b, sameName),
      live: new Map(),
      source: (path) => this.#parts.namer.lookup(path),
      use: (id) => this.#use(id),
    };
    this.#addressesHome = {
      shelf: memory.addresses,
      guard,
      clock,
      equals: AddressSet.same,
      look: (path, signal) => this.#parts.looks.look(path, signal),
      unused: (id) => this.#addresses.delete(id.show),
    };
    this.#passOn(parts.namer);
  }

  /**
   * Takes another namer for the same names, which belongs to this one from now on, and closes the one before. Names keep
   * what they stand for, and their addresses, until the new one has answered; then that is believed, whatever was lost.
   */
  async replace({ namer, looks, guard }: Pick<RememberingNamerParts, "namer" | "looks" | "guard">): Promise<void> {
    const before = this.#parts;
    before.guard.settings = guard.settings;
    guard[Symbol.dispose]();
    this.#parts = { ...before, namer, looks };
    this.#passOn(namer);
    for (const name of this.#namesHome.live.values()) name.follow(namer.lookup(name.path));
    await before.looks[Symbol.asyncDispose]();
    await before.namer[Symbol.asyncDispose]();
  }

  lookup(path: Path): Var<NameTree<Name>> {
    return new LookedUp(path, this.#namesHome);
  }

  watches(): readonly WatchView[] {
    const over = new Map<string, WatchView>();
    for (const [id, addresses] of this.#addresses) {
      const view = addresses.view();
      if (view !== undefined) over.set(id, view);
    }
    const views = this.#parts.namer.watches?.() ?? [...this.#namesHome.live.values()].map((name) => name.view());
    return overlaid(views, over);
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    const { namer, guard } = this.#parts;
    const was = namer.release?.(path, why) === true;
    return (why === "ordered" ? guard.release(path.show) : guard.unreachable(path.show)) || was;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.guard[Symbol.dispose]();
    await this.#parts.looks[Symbol.asyncDispose]();
    await this.#parts.namer[Symbol.asyncDispose]();
  }

  #passOn(namer: Namer): void {
    delete this.instances;
    delete this.names;
    delete this.otherClients;
    if (namer.instances) this.instances = namer.instances.bind(namer);
    if (namer.names) this.names = namer.names.bind(namer);
    if (namer.otherClients) this.otherClients = namer.otherClients.bind(namer);
  }

  #use(id: Path): RememberedAddresses {
    const key = id.show;
    const known = this.#addresses.get(key);
    if (known !== undefined) {
      known.use();
      return known;
    }
    const made = new RememberedAddresses(id, this.#addressesHome);
    made.use();
    this.#addresses.set(key, made);
    return made;
  }
}

/** Whatever a name stands for. */
class LookedUp extends SharedVar<NameTree<Name>> {
  readonly #path: Path;
  readonly #home: NamesHome;

  constructor(path: Path, home: NamesHome) {
    super();
    this.#path = path;
    this.#home = home;
  }

  protected get clock(): Clock {
    return this.#home.clock;
  }

  protected live(): Derivable<NameTree<Name>> | undefined {
    return this.#home.live.get(this.#path.show);
  }

  protected made(): Derivable<NameTree<Name>> {
    return new RememberedName(this.#path, this.#home);
  }
}

function sameName(a: Name, b: Name): boolean {
  if (a.kind === "path") return b.kind === "path" && a.path.equals(b.path);
  return b.kind === "bound" && a.addresses === b.addresses && a.id.equals(b.id) && a.residual.equals(b.residual);
}
