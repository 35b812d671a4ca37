/** What traffic connects to. */
import { changed, changesBetween, type ListChanges } from "./list-changes.ts";
import { type PackedRow, packRows, unpackRows } from "./packed-rows.ts";

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

/** Of more addresses than that, making them anew takes whoever looks at them too long. */
const MOST_PACKED = 100;

/** All addresses of a bound name at one moment, without doubles, in a stable order. */
export abstract class AddressSet {
  abstract readonly addresses: readonly Address[];
  /** How many they are. */
  abstract readonly size: number;
  /** Of the name as a whole, such as `authority`. */
  readonly meta: Readonly<Record<string, string>>;

  constructor(meta: Readonly<Record<string, string>>) {
    this.meta = meta;
  }

  static get empty(): AddressSet {
    return EMPTY;
  }

  static readonly same = (a: AddressSet, b: AddressSet): boolean => a.equals(b);

  /** Keeps the first of two addresses with the same host and port. */
  static of(addresses: Iterable<Address>, meta: Readonly<Record<string, string>> = NO_META): AddressSet {
    const all = Array.from(addresses);
    if (isInOrder(all)) return new ListedSet(all, meta);
    const byKey = new Map<string, Address>();
    for (const address of all) {
      const key = addressKey(address);
      if (!byKey.has(key)) byKey.set(key, address);
    }
    const keys = [...byKey.keys()].sort();
    return new ListedSet(
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
    return new ListedSet(isSame ? this.addresses : changed(this.addresses, changes, addressKey), meta);
  }

  /**
   * The same in little room, for whoever keeps many sets that are seldom looked at: addresses are made anew for each who
   * asks for them. What is large stays as it is, and what `packRows` cannot pack.
   */
  packed(): AddressSet {
    const isSmall = this.size > 0 && this.size <= MOST_PACKED;
    return (isSmall ? PackedSet.from(this) : undefined) ?? this;
  }

  /** As a client with TLS sees it: at its TLS port each address that has one. */
  overTls(): AddressSet {
    const { addresses } = this;
    if (addresses.every(({ tlsPort }) => tlsPort === undefined)) return this;
    return AddressSet.of(addresses.map(secured), this.meta);
  }

  equals(other: AddressSet): boolean {
    if (this === other) return true;
    if (this.size !== other.size || !sameRecord(this.meta, other.meta)) return false;
    const [mine, others] = [this.addresses, other.addresses];
    return mine === others || mine.every((address, at) => sameAddress(address, others[at] as Address));
  }
}

class ListedSet extends AddressSet {
  readonly addresses: readonly Address[];

  constructor(addresses: readonly Address[], meta: Readonly<Record<string, string>>) {
    super(meta);
    this.addresses = addresses;
  }

  get size(): number {
    return this.addresses.length;
  }
}

/** One text for ten addresses takes a sixth of what the objects do. */
class PackedSet extends AddressSet {
  readonly size: number;
  readonly #text: string;
  /** Of each address; nothing where none has any. */
  readonly #metas: readonly Address["meta"][] | undefined;

  private constructor({ addresses, meta }: AddressSet, text: string) {
    super(meta);
    this.size = addresses.length;
    this.#text = text;
    if (addresses.some((address) => address.meta)) this.#metas = addresses.map((address) => address.meta);
  }

  static from(set: AddressSet): PackedSet | undefined {
    const text = packRows(set.addresses.map(rowOf));
    return text === undefined ? undefined : new PackedSet(set, text);
  }

  get addresses(): readonly Address[] {
    return unpackRows(this.#text).map(([host = "", port, weight, tlsPort], at) => {
      const meta = this.#metas?.[at];
      return {
        host,
        port: Number(port),
        ...(tlsPort === undefined ? {} : { tlsPort: Number(tlsPort) }),
        weight: Number(weight),
        ...(meta === undefined ? {} : { meta }),
      };
    });
  }

  override packed(): this {
    return this;
  }

  override equals(other: AddressSet): boolean {
    if (!(other instanceof PackedSet)) return super.equals(other);
    if (this.#text !== other.#text || !sameRecord(this.meta, other.meta)) return false;
    return (this.#metas ?? other.#metas ?? []).every((_, at) =>
      sameRecord(this.#metas?.[at] ?? NO_META, other.#metas?.[at] ?? NO_META),
    );
  }
}

const rowOf = ({ host, port, weight, tlsPort }: Address): PackedRow => [
  host,
  String(port),
  String(weight),
  tlsPort === undefined ? undefined : String(tlsPort),
];

const EMPTY: AddressSet = new ListedSet([], NO_META);

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
    sameRecord(a.meta ?? NO_META, b.meta ?? NO_META)
  );
}

function sameRecord(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
