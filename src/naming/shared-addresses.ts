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

const NONE: ReadonlySet<string> = new Set();

/** What one binding holds; as with `Follows`, a round that does not ask for an id lets go of it. */
class AddressLease implements Disposable {
  readonly #shared: Map<string, Shared>;
  #held = NONE;
  #asked: Set<string> | undefined;

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
    const isHeld = this.#held.has(id) || this.#asked?.has(id) === true;
    if (!isHeld) entry.leases++;
    (this.#asked ??= new Set()).add(id);
    return entry.addresses;
  }

  sweep(): void {
    const asked = this.#asked ?? NONE;
    for (const id of this.#held) if (!asked.has(id)) this.#release(id);
    this.#held = asked;
    this.#asked = undefined;
  }

  #release(id: string): void {
    const entry = this.#shared.get(id);
    if (entry && --entry.leases === 0) this.#shared.delete(id);
  }

  [Symbol.dispose](): void {
    for (const id of new Set([...this.#held, ...(this.#asked ?? [])])) this.#release(id);
    this.#held = NONE;
    this.#asked = undefined;
  }
}

export type { AddressLease };
