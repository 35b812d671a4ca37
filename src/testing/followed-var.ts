/** A Var as a test follows it: every state it was told, and the newest. */
import {
  type AddressSet,
  addressKey,
  type Bound,
  type Name,
  type NameTree,
  type State,
  type Var,
} from "linkspan/plugin";

/** Observes from its construction until it is disposed. */
export class FollowedVar<T> implements Disposable {
  readonly states: State<T>[] = [];
  readonly #subscription: Disposable;

  constructor(source: Var<T>) {
    this.#subscription = source.observe((state) => void this.states.push(state));
  }

  get state(): State<T> {
    return this.states.at(-1) ?? { tag: "pending" };
  }

  get value(): T | undefined {
    return this.state.tag === "ok" ? this.state.value : undefined;
  }

  get isStale(): boolean {
    return this.state.tag === "ok" && this.state.stale !== undefined;
  }

  get isHeld(): boolean {
    return this.state.tag === "ok" && this.state.held !== undefined;
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }
}

/** Follows a name and, through its leaf, the addresses behind it: what a cluster would see. */
export class FollowedName implements Disposable {
  readonly tree: FollowedVar<NameTree<Name>>;
  #bound: Bound | undefined;
  #addresses: FollowedVar<AddressSet> | undefined;
  readonly #subscription: Disposable;

  constructor(source: Var<NameTree<Name>>) {
    this.tree = new FollowedVar(source);
    this.#subscription = source.observe((state) => {
      if (state.tag === "ok") this.#follow(state.value);
    });
  }

  get bound(): Bound | undefined {
    return this.#bound;
  }

  get addresses(): FollowedVar<AddressSet> | undefined {
    return this.#addresses;
  }

  /** `host:port` of each address, sorted; undefined while the name is not bound to a known set. */
  get keys(): readonly string[] | undefined {
    const tag = this.tree.value?.tag;
    return tag === "leaf" ? this.#addresses?.value?.addresses.map(addressKey) : undefined;
  }

  get isNeg(): boolean {
    return this.tree.value?.tag === "neg";
  }

  /** Stale or held at either level; the addresses count while the name is bound to them. */
  get isStale(): boolean {
    return this.tree.isStale || (this.tree.value?.tag === "leaf" && this.#addresses?.isStale === true);
  }

  get isHeld(): boolean {
    return this.tree.isHeld || (this.tree.value?.tag === "leaf" && this.#addresses?.isHeld === true);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    this.#addresses?.[Symbol.dispose]();
    this.tree[Symbol.dispose]();
  }

  #follow(tree: NameTree<Name>): void {
    if (tree.tag !== "leaf" || tree.value.kind !== "bound" || tree.value.addresses === this.#bound?.addresses) return;
    const before = this.#addresses;
    this.#bound = tree.value;
    this.#addresses = new FollowedVar(tree.value.addresses);
    before?.[Symbol.dispose]();
  }
}
