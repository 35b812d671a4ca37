/** Sees to it that one id has one `addresses` Var, whichever names lead to it. */
import type { AddressSet } from "../base/address.ts";
import type { Var } from "../base/var.ts";
import { Needed, Rounds } from "./rounds.ts";

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
class AddressLease extends Rounds<Held> implements Disposable {
  readonly #shared: Map<string, Shared>;

  constructor(shared: Map<string, Shared>) {
    super();
    this.#shared = shared;
  }

  /** The Var that is shared under `id`: `addresses`, unless somebody holds another. */
  share(id: string, addresses: Var<AddressSet>): Var<AddressSet> {
    const known = this.find(id);
    if (known) return known.entry.addresses;
    const entry = this.#shared.get(id) ?? { addresses, leases: 0 };
    this.#shared.set(id, entry);
    entry.leases++;
    this.add(new Held(id, entry));
    return entry.addresses;
  }

  protected gone({ key, entry }: Held): void {
    if (--entry.leases === 0) this.#shared.delete(key);
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

class Held extends Needed {
  readonly entry: Shared;

  constructor(id: string, entry: Shared) {
    super(id);
    this.entry = entry;
  }
}

export type { AddressLease };
