/** Addresses as plain data and back, for other threads and for files: decode(encode(x)) equals x. */
import { type Address, AddressSet } from "./address.ts";

export type AddressData = readonly [
  host: string,
  port: number,
  weight: number,
  meta?: Readonly<Record<string, string>>,
  tlsPort?: number,
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

function encodeAddress({ host, port, weight, meta, tlsPort }: Address): AddressData {
  if (tlsPort !== undefined) return [host, port, weight, meta ?? {}, tlsPort];
  return meta === undefined ? [host, port, weight] : [host, port, weight, meta];
}

function decodeAddress([host, port, weight, meta, tlsPort]: AddressData): Address {
  if (tlsPort === undefined) return meta === undefined ? { host, port, weight } : { host, port, weight, meta };
  return { host, port, tlsPort, weight, ...(meta && Object.keys(meta).length > 0 ? { meta } : {}) };
}
