/** Sees to it that one id has one `addresses` Var, whichever names lead to it. */
import type { AddressSet } from "../base/address.ts";
import type { Var } from "../base/var.ts";
import { Needed, Rounds } from "./rounds.ts";

interface Shared {
  readonly addresses: Var<AddressSet>;
  holders: number;
}

/** The Vars of all ids that somebody needs. */
export class SharedAddresses {
  readonly #shared = new Map<string, Shared>();

  /** How many ids are held. */
  get size(): number {
    return this.#shared.size;
  }

  /** For whoever needs nothing else by rounds. */
  lease(): AddressLease {
    return new AddressLease(this);
  }

  /** The Var that is shared under `id`: `addresses`, unless somebody holds another. It is held while `needs` asks for the id. */
  share(id: string, addresses: Var<AddressSet>, needs: Rounds<Needed>): Var<AddressSet> {
    const known = needs.find(id);
    if (known instanceof Held) return known.entry.addresses;
    const entry = this.#shared.get(id) ?? { addresses, holders: 0 };
    this.#shared.set(id, entry);
    entry.holders++;
    needs.add(new Held(id, entry, this.#shared));
    return entry.addresses;
  }
}

class AddressLease extends Rounds<Needed> implements Disposable {
  readonly #of: SharedAddresses;

  constructor(of: SharedAddresses) {
    super();
    this.#of = of;
  }

  share(id: string, addresses: Var<AddressSet>): Var<AddressSet> {
    return this.#of.share(id, addresses, this);
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

class Held extends Needed {
  readonly entry: Shared;
  readonly #shared: Map<string, Shared>;

  constructor(id: string, entry: Shared, shared: Map<string, Shared>) {
    super(id);
    this.entry = entry;
    this.#shared = shared;
  }

  gone(): void {
    if (--this.entry.holders === 0) this.#shared.delete(this.key);
  }
}
