/** What traffic connects to. */
import { changed, changesBetween, type ListChanges } from "./list-changes.ts";

/** `host` is an IP literal without brackets, or a host name that the dialer resolves. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Where TLS is spoken, if it is not at `port`. */
  readonly tlsPort?: number;
  readonly weight: number;
  readonly meta?: Readonly<Record<string, string>>;
}

/** `host:port`, IPv6 in brackets: the identity of an endpoint. */
export function addressKey(address: Address): string {
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

const NO_META: Readonly<Record<string, string>> = {};

/** All addresses of a bound name at one moment, without doubles, in a stable order. */
export class AddressSet {
  readonly addresses: readonly Address[];
  /** Of the name as a whole, such as `authority`. */
  readonly meta: Readonly<Record<string, string>>;

  private constructor(addresses: readonly Address[], meta: Readonly<Record<string, string>>) {
    this.addresses = addresses;
    this.meta = meta;
  }

  static readonly empty = new AddressSet([], NO_META);
  static readonly same = (a: AddressSet, b: AddressSet): boolean => a.equals(b);

  /** Keeps the first of two addresses with the same host and port. */
  static of(addresses: Iterable<Address>, meta: Readonly<Record<string, string>> = NO_META): AddressSet {
    const all = Array.from(addresses);
    if (isInOrder(all)) return new AddressSet(all, meta);
    const byKey = new Map<string, Address>();
    for (const address of all) {
      const key = addressKey(address);
      if (!byKey.has(key)) byKey.set(key, address);
    }
    const keys = [...byKey.keys()].sort();
    return new AddressSet(
      keys.map((key) => byKey.get(key) as Address),
      meta,
    );
  }

  /** What of the addresses differs in another set: `set.patched(set.changesTo(other), other.meta)` equals it. */
  changesTo(other: AddressSet): ListChanges<Address> {
    return changesBetween(this.addresses, other.addresses, addressKey, sameAddress);
  }

  patched(changes: ListChanges<Address>, meta: Readonly<Record<string, string>>): AddressSet {
    const isSame = changes.put.length === 0 && changes.removed.length === 0;
    if (isSame && sameRecord(this.meta, meta)) return this;
    return new AddressSet(isSame ? this.addresses : changed(this.addresses, changes, addressKey), meta);
  }

  /** As a client with TLS sees it: at its TLS port each address that has one. */
  overTls(): AddressSet {
    if (this.addresses.every(({ tlsPort }) => tlsPort === undefined)) return this;
    return AddressSet.of(this.addresses.map(secured), this.meta);
  }

  equals(other: AddressSet): boolean {
    if (this === other) return true;
    if (this.addresses.length !== other.addresses.length || !sameRecord(this.meta, other.meta)) return false;
    return (
      this.addresses === other.addresses ||
      this.addresses.every((mine, at) => sameAddress(mine, other.addresses[at] as Address))
    );
  }
}

/** As it is in what comes from another thread or a file, and then nothing is to be sorted. */
function isInOrder(addresses: readonly Address[]): boolean {
  let last = "";
  return addresses.every((address) => {
    const key = addressKey(address);
    const isNext = last < key;
    last = key;
    return isNext;
  });
}

function secured({ tlsPort, ...address }: Address): Address {
  return tlsPort === undefined ? address : { ...address, port: tlsPort };
}

function sameAddress(a: Address, b: Address): boolean {
  if (a === b) return true;
  return (
    a.host === b.host &&
    a.port === b.port &&
    a.tlsPort === b.tlsPort &&
    a.weight === b.weight &&
    sameRecord(a.meta ?? {}, b.meta ?? {})
  );
}

function sameRecord(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
