/** A transformer that changes the addresses of each bound name, and nothing else of it. */
import { type Address, AddressSet } from "../base/address.ts";
import { Var } from "../base/var.ts";
import { leaf, type NameTree } from "./name-tree.ts";
import type { Bound } from "./namer.ts";
import type { Path } from "./path.ts";
import type { Transformer } from "./transformer.ts";

/** `change` sees each set of addresses; a name whose addresses it takes all stays bound, to nobody. */
export class AddressTransformer implements Transformer {
  readonly prefix: Path;
  readonly #change: (addresses: AddressSet) => AddressSet;
  /** What is made of the same addresses is the same, for as long as somebody knows them. */
  readonly #made = new WeakMap<Var<AddressSet>, Var<AddressSet>>();

  constructor(prefix: Path, change: (addresses: AddressSet) => AddressSet) {
    this.prefix = prefix;
    this.#change = change;
  }

  /** Leaves out the addresses that `keep` does not want. */
  static keeping(prefix: Path, keep: (address: Address) => boolean): AddressTransformer {
    return new AddressTransformer(prefix, ({ addresses, meta }) => AddressSet.of(addresses.filter(keep), meta));
  }

  transform(bound: Bound): Var<NameTree<Bound>> {
    return Var.of(leaf({ ...bound, addresses: this.#changed(bound.addresses) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Holds nothing.
  }

  #changed(addresses: Var<AddressSet>): Var<AddressSet> {
    const known = this.#made.get(addresses);
    if (known) return known;
    const made = addresses.map(this.#change, { equals: (a, b) => a.equals(b) });
    this.#made.set(addresses, made);
    return made;
  }
}
