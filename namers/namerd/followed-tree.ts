/** What a namerd binds one name to, while it is followed: through the guard, with what is believed told on. */
import {
  type AddressSet,
  type Guarded,
  leaves,
  mapLeaves,
  type Name,
  type NameGuard,
  type NameTree,
  neg,
  ok,
  type Path,
  type SharedAddresses,
  type SourceGuard,
  type State,
  type Var,
  type WatchPage,
} from "linkspan/plugin";
import type { NamedId } from "./documents.ts";

type IdTree = NameTree<NamedId>;

export interface FollowedTreeOptions {
  readonly name: string;
  readonly guard: SourceGuard;
  readonly page: WatchPage;
  readonly shared: SharedAddresses;
  /** Tells every answer and every failure, until what it returns is disposed. */
  follow(set: (state: State<IdTree>) => void): Disposable;
  /** The second look, on a fresh connection. */
  look(signal: AbortSignal): Promise<IdTree>;
  addresses(id: Path): Var<AddressSet>;
  set(state: State<NameTree<Name>>): void;
}

/** The one member of what the guard judges: the name is bound, or it is not. */
const WHOLE = "tree";

export class FollowedTree implements Disposable {
  readonly #options: FollowedTreeOptions;
  readonly #guard: NameGuard<IdTree>;
  readonly #lease: ReturnType<SharedAddresses["lease"]>;
  readonly #following: Disposable;
  #newest: IdTree = neg;

  constructor(options: FollowedTreeOptions) {
    const { guard, name, shared, follow, look } = options;
    this.#options = options;
    this.#lease = shared.lease();
    this.#guard = guard.name<IdTree>(
      name,
      (guarded) => this.#believe(guarded),
      async (signal) => ({ members: this.#membersOf(await look(signal)) }),
    );
    this.#following = follow((state) => this.#heard(state));
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
    this.#guard[Symbol.dispose]();
    this.#options.page[Symbol.dispose]();
    this.#lease[Symbol.dispose]();
  }

  #heard(state: State<IdTree>): void {
    if (state.tag === "pending") return;
    if (state.tag === "failed") return this.#tell(state);
    const members = this.#membersOf(state.value);
    // Who binds a name to something else means it; only that it is bound to nothing may be an accident.
    this.#guard.offer(members, members ? "all" : undefined);
  }

  #membersOf(tree: IdTree): ReadonlyMap<string, IdTree> | undefined {
    this.#newest = tree;
    return leaves(tree).length === 0 ? undefined : new Map([[WHOLE, tree]]);
  }

  #believe({ members, held }: Guarded<IdTree>): void {
    const tree = members?.get(WHOLE) ?? this.#newest;
    const named = mapLeaves(tree, ({ id, residual }): Name => {
      const addresses = this.#lease.share(id.show, this.#options.addresses(id));
      return Object.freeze({ kind: "bound", id, addresses, residual });
    });
    this.#lease.sweep();
    this.#tell(ok(named, held ? { held } : {}));
  }

  #tell(state: State<NameTree<Name>>): void {
    this.#options.page.tell(state);
    this.#options.set(state);
  }
}
