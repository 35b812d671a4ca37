/** Addresses as plain data and back, for other threads and for files: decode(encode(x)) equals x. */
import { type Address, AddressSet } from "./address.ts";
import type { TextRecord } from "./shared-records.ts";

export type AddressData = readonly [host: string, port: number, weight: number, meta?: TextRecord, tlsPort?: number];

export interface AddressSetData {
  readonly addresses: readonly AddressData[];
  readonly meta: TextRecord;
}

/** What differs from a set that the other side has. */
export interface AddressChangesData {
  readonly put: readonly AddressData[];
  readonly removed: readonly string[];
  readonly meta: TextRecord;
}

/** Where more than this share of the addresses is another, the whole set says it in fewer words. */
const MOST_CHANGED = 1 / 2;

/** What has become of `before`, in as few words as it takes. */
export function encodeChanges(set: AddressSet, before: AddressSet): AddressSetData | AddressChangesData {
  const { put, removed } = before.changesTo(set);
  if (put.length + removed.length > set.addresses.length * MOST_CHANGED) return encodeAddresses(set);
  return { put: put.map(encodeAddress), removed, meta: set.meta };
}

/** The set that was encoded, where `before` is what it was encoded against. */
export function decodeChanges(
  data: AddressSetData | AddressChangesData,
  before: AddressSet,
  share: ShareMeta = asIs,
): AddressSet {
  if ("addresses" in data) return decodeAddresses(data, share);
  const { put, removed, meta } = data;
  return before.patched({ put: put.map((each) => decodeAddress(each, share)), removed }, share(meta));
}

/** Gives what many addresses say alike as one object, such as `SharedRecords` does. */
export type ShareMeta = (meta: TextRecord) => TextRecord;
const asIs: ShareMeta = (meta) => meta;

export function encodeAddresses(set: AddressSet): AddressSetData {
  return { addresses: set.addresses.map(encodeAddress), meta: set.meta };
}

export function decodeAddresses({ addresses, meta }: AddressSetData, share: ShareMeta = asIs): AddressSet {
  return AddressSet.of(
    addresses.map((each) => decodeAddress(each, share)),
    share(meta),
  );
}

function encodeAddress({ host, port, weight, meta, tlsPort }: Address): AddressData {
  if (tlsPort !== undefined) return [host, port, weight, meta ?? {}, tlsPort];
  return meta === undefined ? [host, port, weight] : [host, port, weight, meta];
}

function decodeAddress([host, port, weight, meta, tlsPort]: AddressData, share: ShareMeta): Address {
  if (tlsPort === undefined) return meta ? { host, port, weight, meta: share(meta) } : { host, port, weight };
  return { host, port, tlsPort, weight, ...(meta && Object.keys(meta).length > 0 ? { meta: share(meta) } : {}) };
}
