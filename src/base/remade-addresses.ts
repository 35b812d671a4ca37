/** A set of addresses that is made of members whenever somebody looks, where these themselves take next to no room. */
import { type Address, AddressSet } from "./address.ts";
import type { RemadeMap } from "./remade-map.ts";

export type AddressedMembers = RemadeMap<string, { readonly address: Address }>;

/** Nothing but who they are made of is kept, and how many they are. */
export class RemadeAddresses extends AddressSet {
  readonly size: number;
  readonly #members: AddressedMembers;

  constructor(members: AddressedMembers, meta?: Readonly<Record<string, string>>) {
    const made = setOf(members, meta);
    super(made.meta);
    this.size = made.size;
    this.#members = members;
  }

  get addresses(): readonly Address[] {
    return setOf(this.#members, this.meta).addresses;
  }

  override packed(): this {
    return this;
  }

  override equals(other: AddressSet): boolean {
    const isOfTheSame =
      other instanceof RemadeAddresses && other.#members === this.#members && other.meta === this.meta;
    return isOfTheSame || super.equals(other);
  }
}

function setOf(members: AddressedMembers, meta: Readonly<Record<string, string>> | undefined): AddressSet {
  return AddressSet.of(
    Array.from(members.values(), ({ address }) => address),
    meta,
  );
}
