/** A namer that says of each name what a test tells it to, or what stands in a registry in memory. */
import type { Instance } from "../../src/base/instance.ts";
import { ok, type State, Var } from "../../src/base/var.ts";
import { type NameTree, neg } from "../../src/naming/name-tree.ts";
import type { Name, Namer } from "../../src/naming/namer.ts";
import { Path } from "../../src/naming/path.ts";
import type { MemoryRegistry } from "./memory-registry.ts";
import { ToldVar } from "./told-var.ts";

export class MemoryNamer implements Namer {
  readonly listed = new ToldVar<readonly Path[]>();
  readonly #said = new Map<string, ToldVar<readonly Instance[]>>();

  lookup(): Var<NameTree<Name>> {
    return Var.of<NameTree<Name>>(neg);
  }

  instances(path: Path): Var<readonly Instance[]> {
    return this.of(path).var;
  }

  names(): Var<readonly Path[]> {
    return this.listed.var;
  }

  of(path: Path): ToldVar<readonly Instance[]> {
    const said = this.#said.get(path.show) ?? new ToldVar<readonly Instance[]>();
    this.#said.set(path.show, said);
    return said;
  }

  say(path: Path, state: State<readonly Instance[]>): void {
    this.of(path).say(state);
  }

  /** All names it was ever asked about or told of. */
  paths(): readonly Path[] {
    return [...this.#said.keys()].map((shown) => Path.read(shown));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** Says what stands in the registry, as soon as it does; of names that `veiled` has, what that says. */
export class RegistryNamer extends MemoryNamer implements Disposable {
  readonly veiled = new Map<string, State<readonly Instance[]>>();
  readonly #registry: MemoryRegistry;
  readonly #following: Disposable;

  constructor(registry: MemoryRegistry) {
    super();
    this.#registry = registry;
    this.#following = registry.observe(() => this.refresh());
    this.refresh();
  }

  override instances(path: Path): Var<readonly Instance[]> {
    const said = this.of(path);
    if (said.state.tag === "pending") said.say(this.#now(path));
    return said.var;
  }

  refresh(): void {
    this.listed.say(ok(this.#registry.paths().filter((path) => this.#registry.at(path).length > 0)));
    for (const path of this.paths()) this.say(path, this.#now(path));
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
  }

  #now(path: Path): State<readonly Instance[]> {
    return this.veiled.get(path.show) ?? ok(this.#registry.at(path).map(({ instance }) => instance));
  }
}
