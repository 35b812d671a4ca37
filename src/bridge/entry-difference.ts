/** What has to be written for one target's entries to be those that should stand; only the own group's are touched. */
import type { Instance } from "../base/instance.ts";
import type { StandingEntry } from "../naming/announcer.ts";
import type { Desired } from "./desired-entries.ts";
import type { RemovalWhy } from "./mirror-plan.ts";
import type { PutMemory } from "./put-memory.ts";

export interface Removal {
  readonly key: string;
  readonly id: string;
  readonly why: RemovalWhy;
}

export interface Difference {
  readonly puts: readonly Instance[];
  /** Those that may go now. */
  readonly removals: readonly Removal[];
  /** Those that go by the slow rule. */
  readonly slow: readonly Removal[];
}

export interface DifferenceParts {
  /** The own group's. */
  readonly own: readonly StandingEntry[];
  readonly desired: Desired;
  /** Whether the source says now what it has: else nothing is withdrawn, and nothing that is new is put. */
  readonly isConfirmed: boolean;
  readonly wasDeleted: (id: string) => boolean;
  readonly memory: PutMemory;
}

interface OwnEntries {
  readonly mine: StandingEntry[];
  /** Of the group's other members. */
  readonly theirs: StandingEntry[];
}

const NONE: OwnEntries = { mine: [], theirs: [] };

export function differenceOf(parts: DifferenceParts): Difference {
  const { own, desired, memory } = parts;
  const byId = new Map<string, OwnEntries>();
  for (const entry of own) {
    const entries = byId.get(entry.instance.id) ?? { mine: [], theirs: [] };
    byId.set(entry.instance.id, entries);
    (entry.mine ? entries.mine : entries.theirs).push(entry);
  }
  const puts: Instance[] = [];
  const removals: Removal[] = [];
  const slow: Removal[] = [];
  const leftOut = new Map(desired.leftOut.map(({ id, why }) => [id, why]));
  for (const instance of desired.entries.values()) {
    const { mine, theirs } = byId.get(instance.id) ?? NONE;
    const [first] = mine;
    if (!first || memory.differs(instance, first)) puts.push(instance);
    else for (const entry of [...mine.slice(1), ...theirs]) removals.push(removalOf(entry, "replaced"));
  }
  for (const [id, entries] of byId) {
    if (desired.entries.has(id)) continue;
    const why = whyGone(id, parts, leftOut);
    const all = [...entries.mine, ...entries.theirs];
    if (why === "unready" || why === "deleted") removals.push(...all.map((entry) => removalOf(entry, why)));
    else stay(entries, why, { puts, removals, slow, isRefused: desired.refusal !== undefined });
  }
  return { puts, removals, slow };
}

interface Writes {
  readonly puts: Instance[];
  readonly removals: Removal[];
  readonly slow: Removal[];
  readonly isRefused: boolean;
}

/** What stands stays for now, under this member's own lease. `why` undefined: nothing is known against it. */
function stay({ mine, theirs }: OwnEntries, why: RemovalWhy | undefined, writes: Writes): void {
  const { puts, removals, slow, isRefused } = writes;
  if (isRefused) return;
  const [first, ...others] = mine;
  if (first) for (const entry of [...others, ...theirs]) removals.push(removalOf(entry, "replaced"));
  else if (theirs[0]) puts.push(theirs[0].instance);
  if (why !== undefined) for (const entry of first ? [first] : theirs) slow.push(removalOf(entry, why));
}

function whyGone(
  id: string,
  { desired, isConfirmed, wasDeleted }: DifferenceParts,
  leftOut: ReadonlyMap<string, RemovalWhy>,
): RemovalWhy | undefined {
  if (!isConfirmed) return undefined;
  if (desired.unready.has(id)) return "unready";
  if (wasDeleted(id)) return "deleted";
  return leftOut.get(id) ?? "absent";
}

const removalOf = ({ key, instance }: StandingEntry, why: RemovalWhy): Removal => ({ key, id: instance.id, why });
