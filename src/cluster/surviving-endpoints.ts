/** The endpoints of a set after a change of it: those that stay are the same objects. */
import { type Address, addressKey } from "../base/address.ts";
import type { Endpoint } from "./endpoint.ts";

/** What becomes of the others. */
export interface ChangedEndpoints {
  added(address: Address): Endpoint;
  removed(endpoint: Endpoint): void;
}

/**
 * `before` and `addresses` are in the order of their keys, as sets are. Of fifty thousand endpoints those whose address
 * is the very object that it was cost a comparison each, and no key.
 */
export function survivingEndpoints(
  before: readonly Endpoint[],
  addresses: readonly Address[],
  { added, removed }: ChangedEndpoints,
): readonly Endpoint[] {
  let at = 0;
  const survivorAt = (address: Address): Endpoint | undefined => {
    const same = before[at];
    if (same?.address === address) return same;
    const key = addressKey(address);
    for (let other = before[at]; other !== undefined; other = before[++at]) {
      const otherKey = other.key;
      if (otherKey === key) return other;
      if (otherKey > key) return undefined;
      removed(other);
    }
    return undefined;
  };
  const endpoints = addresses.map((address) => {
    const survivor = survivorAt(address);
    if (survivor === undefined) return added(address);
    at++;
    // An update changes what an address says, never what was learnt of it.
    survivor.address = address;
    return survivor;
  });
  for (; at < before.length; at++) removed(before[at] as Endpoint);
  return endpoints;
}
