/** Sees to it that one id has one `addresses` Var, whichever names lead to it. */
import type { AddressSet } from "../base/address.ts";
import type { Var } from "../base/var.ts";

interface Shared {
  readonly addresses: Var<AddressSet>;
  leases: number;
}

/** The Vars of all ids that some live binding holds. */
export class SharedAddresses {
  readonly #shared = new Map<string, Shared>();

  /** How many ids are held. */
  get size(): number {
    return this.#shared.size;
  }

  lease(): AddressLease {
    return new AddressLease(this.#shared);
  }
}

/** What one binding holds; as with `Follows`, a round that does not ask for an id lets go of it. */
class AddressLease implements Disposable {
  readonly #shared: Map<string, Shared>;
  #held = new Set<string>();
  #asked = new Set<string>();

  constructor(shared: Map<string, Shared>) {
    this.#shared = shared;
  }

  /** The Var that is shared under `id`: `addresses`, unless somebody holds another. */
  share(id: string, addresses: Var<AddressSet>): Var<AddressSet> {
    let entry = this.#shared.get(id);
    if (!entry) {
      entry = { addresses, leases: 0 };
      this.#shared.set(id, entry);
    }
    if (!this.#held.has(id)) {
      this.#held.add(id);
      entry.leases++;
    }
    this.#asked.add(id);
    return entry.addresses;
  }

  sweep(): void {
    for (const id of this.#held) if (!this.#asked.has(id)) this.#release(id);
    this.#held = this.#asked;
    this.#asked = new Set();
  }

  #release(id: string): void {
    const entry = this.#shared.get(id);
    if (entry && --entry.leases === 0) this.#shared.delete(id);
  }

  [Symbol.dispose](): void {
    for (const id of this.#held) this.#release(id);
    this.#held = new Set();
    this.#asked = new Set();
  }
}

export type { AddressLease };
