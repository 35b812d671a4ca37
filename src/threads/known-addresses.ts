/** Which bound names a worker may be looking at, and where the addresses of each are to be followed. */
import type { AddressSet } from "../base/address.ts";
import type { Var } from "../base/var.ts";
import { leaves, type NameTree, neg } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";

/** Who follows the addresses of an id. */
export interface AddressFollower {
  follow(addresses: Var<AddressSet>): void;
}

interface Entry {
  /** As the newest tree has them: a namer that was taken away and comes back speaks by others than before. */
  addresses: Var<AddressSet> | undefined;
  /** How often a tree names it. */
  uses: number;
  follower: AddressFollower | undefined;
}

/** Addresses by bound id, for as long as a tree mentions the id, and who follows them. */
export class KnownAddresses {
  readonly #entries = new Map<string, Entry>();

  get(id: string): Var<AddressSet> | undefined {
    return this.#entries.get(id)?.addresses;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `follower` hears when the id has other addresses than before, until it has left. */
  follow(id: string, follower: AddressFollower): void {
    this.#entry(id).follower = follower;
  }

  left(id: string, follower: AddressFollower): void {
    const entry = this.#entries.get(id);
    if (entry?.follower !== follower) return;
    entry.follower = undefined;
    this.#prune(id, entry);
  }

  add(tree: NameTree<Bound>): void {
    for (const { id, addresses } of leaves(tree)) {
      const entry = this.#entry(id.show);
      entry.uses++;
      if (entry.addresses === addresses) continue;
      entry.addresses = addresses;
      entry.follower?.follow(addresses);
    }
  }

  remove(tree: NameTree<Bound>): void {
    for (const { id } of leaves(tree)) {
      const entry = this.#entries.get(id.show);
      if (entry === undefined || --entry.uses > 0) continue;
      entry.addresses = undefined;
      this.#prune(id.show, entry);
    }
  }

  #entry(id: string): Entry {
    const known = this.#entries.get(id) ?? { addresses: undefined, uses: 0, follower: undefined };
    this.#entries.set(id, known);
    return known;
  }

  #prune(id: string, { uses, follower }: Entry): void {
    if (uses === 0 && follower === undefined) this.#entries.delete(id);
  }
}

/** The bound ids in the trees of one name: the newest, the one on its way to the worker, and the one that it has seen. */
export class Mentions implements Disposable {
  readonly #known: KnownAddresses;
  #newest: NameTree<Bound> | undefined;
  #sent: NameTree<Bound> | undefined;
  #seen: NameTree<Bound> = neg;

  constructor(known: KnownAddresses) {
    this.#known = known;
  }

  changed(tree: NameTree<Bound>): void {
    this.#known.add(tree);
    this.#known.remove(this.#newest ?? neg);
    this.#newest = tree;
  }

  /** The newest left for the worker; `acknowledged` follows before the next one leaves. */
  sent(): void {
    this.#sent = this.#newest;
    this.#newest = undefined;
  }

  acknowledged(): void {
    if (this.#sent === undefined) return;
    this.#known.remove(this.#seen);
    this.#seen = this.#sent;
    this.#sent = undefined;
  }

  [Symbol.dispose](): void {
    for (const each of [this.#newest, this.#sent, this.#seen]) this.#known.remove(each ?? neg);
    this.#newest = undefined;
    this.#sent = undefined;
    this.#seen = neg;
  }
}
