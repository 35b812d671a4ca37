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
   * asks for them. What is large stays as it is, and what cannot be told from the marks between two addresses.
   */
  packed(): AddressSet {
    const isSmall = this.size > 0 && this.size <= MOST_PACKED;
    return isSmall && !this.addresses.some(({ host }) => MARKS.test(host)) ? new PackedSet(this) : this;
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

/** Between addresses, and between what one says. No host that can be connected to has either in it. */
const BETWEEN = "\n";
const WITHIN = " ";
const MARKS = /[\n ]/;

/** One text for ten addresses takes a sixth of what the objects do. */
class PackedSet extends AddressSet {
  readonly size: number;
  /** Of each address the host, and the numbers where they are others than those of the one before. */
  readonly #text: string;
  /** Of each address; nothing where none has any. */
  readonly #metas: readonly Address["meta"][] | undefined;

  constructor({ addresses, meta }: AddressSet) {
    super(meta);
    this.size = addresses.length;
    let before: string | undefined;
    const texts = addresses.map((address) => {
      const numbers = numbersOf(address);
      const text = numbers === before ? address.host : `${address.host}${WITHIN}${numbers}`;
      before = numbers;
      return text;
    });
    this.#text = texts.join(BETWEEN);
    if (addresses.some((address) => address.meta)) this.#metas = addresses.map((address) => address.meta);
  }

  get addresses(): readonly Address[] {
    let numbers: readonly string[] = [];
    return this.#text.split(BETWEEN).map((text, at) => {
      const [host = "", ...own] = text.split(WITHIN);
      if (own.length > 0) numbers = own;
      const [port, weight, tlsPort] = numbers;
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

function numbersOf({ port, weight, tlsPort }: Address): string {
  return [port, weight, ...(tlsPort === undefined ? [] : [tlsPort])].join(WITHIN);
}

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
