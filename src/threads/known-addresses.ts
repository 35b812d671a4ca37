/** Which bound names a worker may be looking at, and where the addresses of each are to be followed. */
import type { AddressSet } from "../base/address.ts";
import type { Var } from "../base/var.ts";
import type { Bound } from "../naming/namer.ts";

interface Entry {
  /** As the newest tree has them: a namer that was taken away and comes back speaks by others than before. */
  addresses: Var<AddressSet>;
  uses: number;
}

/** Addresses by bound id, for as long as anybody mentions the id. */
export class KnownAddresses {
  readonly #entries = new Map<string, Entry>();
  readonly #moved: (id: string, addresses: Var<AddressSet>) => void;

  /** `moved` hears when an id that is known has other addresses than before. */
  constructor(moved: (id: string, addresses: Var<AddressSet>) => void = () => undefined) {
    this.#moved = moved;
  }

  get(id: string): Var<AddressSet> | undefined {
    return this.#entries.get(id)?.addresses;
  }

  get size(): number {
    return this.#entries.size;
  }

  add(all: readonly Bound[]): void {
    for (const { id, addresses } of all) {
      const entry = this.#entries.get(id.show) ?? { addresses, uses: 0 };
      entry.uses++;
      this.#entries.set(id.show, entry);
      if (entry.addresses === addresses) continue;
      entry.addresses = addresses;
      this.#moved(id.show, addresses);
    }
  }

  remove(all: readonly Bound[]): void {
    for (const { id } of all) {
      const entry = this.#entries.get(id.show);
      if (entry !== undefined && --entry.uses === 0) this.#entries.delete(id.show);
    }
  }
}

/** The bound ids in the trees of one name: the newest, the one on its way to the worker, and the one that it has seen. */
export class Mentions implements Disposable {
  readonly #known: KnownAddresses;
  #newest: readonly Bound[] | undefined;
  #sent: readonly Bound[] | undefined;
  #seen: readonly Bound[] = [];

  constructor(known: KnownAddresses) {
    this.#known = known;
  }

  changed(bound: readonly Bound[]): void {
    this.#known.add(bound);
    this.#known.remove(this.#newest ?? []);
    this.#newest = bound;
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
    for (const each of [this.#newest, this.#sent, this.#seen]) this.#known.remove(each ?? []);
    this.#newest = undefined;
    this.#sent = undefined;
    this.#seen = [];
  }
}
