/** Addresses as plain data and back, for other threads and for files: decode(encode(x)) equals x. */
import { type Address, AddressSet } from "./address.ts";

export type AddressData = readonly [
  host: string,
  port: number,
  weight: number,
  meta?: Readonly<Record<string, string>>,
];

export interface AddressSetData {
  readonly addresses: readonly AddressData[];
  readonly meta: Readonly<Record<string, string>>;
}

export function encodeAddresses(set: AddressSet): AddressSetData {
  return { addresses: set.addresses.map(encodeAddress), meta: set.meta };
}

export function decodeAddresses({ addresses, meta }: AddressSetData): AddressSet {
  return AddressSet.of(addresses.map(decodeAddress), meta);
}

function encodeAddress({ host, port, weight, meta }: Address): AddressData {
  return meta === undefined ? [host, port, weight] : [host, port, weight, meta];
}

function decodeAddress([host, port, weight, meta]: AddressData): Address {
  return meta === undefined ? { host, port, weight } : { host, port, weight, meta };
}
