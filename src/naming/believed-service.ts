/** What is to be believed of a service at one moment, made of the members that the guard believes in. */
import { type Address, addressKey, AddressSet } from "../base/address.ts";
import type { Instance } from "../base/instance.ts";
import { RemadeAddresses } from "../base/remade-addresses.ts";
import { RemadeMap } from "../base/remade-map.ts";
import type { ServiceMember, ServiceReading, ServiceSnapshot } from "./service-source.ts";

type Members = ReadonlyMap<string, ServiceMember>;

export class BelievedService implements ServiceSnapshot {
  readonly exists: boolean;
  readonly addresses: AddressSet;
  /** Those that may be called, by id. */
  readonly called: Members;
  readonly #withdrawn: readonly Instance[] | undefined;

  /** `newest` is what was read last, `before` what was believed before it. */
  constructor(believed: Members | undefined, newest: ServiceReading, before: BelievedService | undefined) {
    this.exists = believed !== undefined;
    const called = calledOf(believed ?? new Map(), newest);
    this.called = called;
    this.#withdrawn = newest.withdrawn;
    const isAsBefore = before !== undefined && before.called === called && newest.meta === undefined;
    this.addresses = isAsBefore ? before.addresses : addressesOf(called, newest, before);
  }

  /** Made when they are looked at, which they seldom are: of each endpoint they take as much as all the rest. */
  get instances(): readonly Instance[] {
    const instances = Array.from(this.called.values(), (member) => member.instance);
    return [...instances, ...(this.#withdrawn ?? [])].sort((a, b) => compare(a.id, b.id));
  }
}

/** Without what is held though something else has taken its place. */
function calledOf(believed: Members, { members, replaces }: ServiceReading): Members {
  if (!replaces) return believed;
  return new Map([...believed].filter(([id, member]) => members?.has(id) === true || !replaces(member)));
}

/** Of fewer than that all are looked at when one has changed. */
const MANY = 100;

function addressesOf(called: Members, { meta }: ServiceReading, before: BelievedService | undefined): AddressSet {
  const isLarge = called.size > MANY;
  const patched = isLarge && before ? patchedAddresses(called, meta, before.addresses, before.called) : undefined;
  if (patched) return patched;
  if (called instanceof RemadeMap && !isLarge) return new RemadeAddresses(called, meta);
  const addresses = Array.from(called.values(), (member) => member.address);
  return AddressSet.of(addresses, meta).packed();
}

/**
 * The addresses that were known with what is another now: of fifty thousand members there are no lists to be made but
 * the one. `undefined` where two members have one address, of which the first counts.
 */
function patchedAddresses(
  called: Members,
  meta: ServiceReading["meta"],
  known: AddressSet,
  before: Members,
): AddressSet | undefined {
  if (known.size !== before.size) return undefined;
  const put: Address[] = [];
  const removed: string[] = [];
  for (const [id, { address }] of called) if (before.get(id)?.address !== address) put.push(address);
  if (new Set(put.map(addressKey)).size < put.length) return undefined;
  for (const [id, { address }] of before) if (called.get(id)?.address !== address) removed.push(addressKey(address));
  const patched = known.patched({ put, removed }, meta ?? {});
  return patched.size === called.size ? patched : undefined;
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
