/**
 * What an entry tells of itself in registries that have no field for it but the entry's id: who wrote it, and of which
 * instance of which registry it was made. A reader that finds a mark knows that the instance is at home elsewhere.
 */
import type { Origin } from "../base/instance.ts";
import type { Owner } from "./announcer.ts";

export interface EntryMark {
  readonly owner: Owner;
  readonly origin: Origin;
  /** Of the instance in its own registry. */
  readonly id: string;
}

const FIRST = "linkspan";
const PARTS = 6;

/** `linkspan:GROUP:MEMBER:REGISTRY:CLUSTER:ID`; fit for the name of a znode. */
export function showMark({ owner, origin, id }: EntryMark): string {
  return [FIRST, owner.group, owner.member, origin.registry, origin.cluster, id].map(encoded).join(":");
}

/** `undefined` for ids that are nobody's mark. */
export function readMark(text: string): EntryMark | undefined {
  if (!text.startsWith(`${FIRST}:`)) return undefined;
  const parts = text.split(":");
  if (parts.length !== PARTS) return undefined;
  try {
    const [, group = "", member = "", registry = "", cluster = "", id = ""] = parts.map(decodeURIComponent);
    return { owner: { group, member }, origin: { registry, cluster }, id };
  } catch {
    return undefined;
  }
}

/** Percent signs, colons, slashes and control characters stand as `%XX`; most ids stay as they are. */
function encoded(part: string): string {
  return encodeURIComponent(part).replaceAll("%40", "@");
}
