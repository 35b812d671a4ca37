/** What a mirror's targets look like to people and programs: as a plan, and as a status. */
import type { HeldRemoval, LeftOut, MirrorPlan, Orphans, TargetPlan } from "./mirror-plan.ts";
import type { MirrorConflict, MirrorStatus, TargetStatus } from "./mirror-status.ts";
import type { MirrorTerm } from "./mirror-term.ts";
import type { MirroredName } from "./mirrored-name.ts";

export function planOf(mirror: string, term: MirrorTerm): MirrorPlan {
  const targets = sorted(term).map(targetPlan);
  const { trouble } = term;
  const writes = targets.flatMap((target) => target.writes);
  const count = (op: "create" | "update" | "delete"): number => writes.filter((write) => write.op === op).length;
  return {
    mirror,
    targets,
    totals: {
      create: count("create"),
      update: count("update"),
      delete: count("delete"),
      held: sum(targets, ({ held }) => held.length),
      unreachable: unreachableIn(targets),
      refused: sum(targets, ({ refusal }) => (refusal === undefined ? 0 : 1)),
      troubled: sum(targets, (target) => (target.trouble === undefined ? 0 : 1)),
    },
    ...(trouble === undefined ? {} : { trouble }),
  };
}

/** What the probe did not reach, and what has no address that anybody there could call. */
const unreachableIn = (targets: readonly Pick<TargetPlan, "leftOut">[]): number =>
  sum(targets, ({ leftOut }) => leftOut.filter(({ why }) => why === "unreachable" || why === "unplaced").length);

/** Of a term; a mirror that has none has no targets. */
export function termStatus(
  term: MirrorTerm | undefined,
): Pick<MirrorStatus, "totals" | "targets" | "agreedAt" | "trouble"> {
  const targets = term ? sorted(term).map(targetStatus) : [];
  const agreedAt = term?.agreedAt;
  const trouble = term?.trouble;
  return {
    totals: {
      targets: targets.length,
      entries: sum(targets, ({ entries }) => entries),
      held: sum(targets, ({ held }) => held.length),
      unreachable: unreachableIn(targets),
      forced: sum(targets, ({ forced }) => forced?.length ?? 0),
      dual: sum(targets, ({ leftOut }) => leftOut.filter(({ why }) => why === "dual").length),
      conflicts: sum(targets, ({ conflicts }) => conflicts.length),
      refused: sum(targets, ({ refusal }) => (refusal === undefined ? 0 : 1)),
      troubled: sum(targets, (target) => (target.trouble === undefined ? 0 : 1)),
    },
    targets,
    ...(agreedAt === undefined ? {} : { agreedAt }),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

const sorted = (term: MirrorTerm): readonly MirroredName[] =>
  [...term.names].sort((a, b) => (a.place.target.show < b.place.target.show ? -1 : 1));

interface Both {
  readonly source?: string;
  readonly target: string;
  readonly entries: number;
  readonly held: readonly HeldRemoval[];
  readonly leftOut: TargetPlan["leftOut"];
  readonly orphans?: readonly Orphans[];
  readonly forced?: readonly LeftOut[];
  readonly refusal?: string;
}

function both(name: MirroredName): Both {
  const { place, entries, held, desired, refusal, view } = name;
  return {
    ...(place.source ? { source: place.source.show } : {}),
    target: place.target.show,
    entries,
    held,
    leftOut: desired.leftOut,
    ...(view.orphans.length === 0 ? {} : { orphans: view.orphans }),
    ...(desired.forced.length === 0 ? {} : { forced: desired.forced }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

function targetPlan(name: MirroredName): TargetPlan {
  const trouble = troubleOf(name);
  const writes = name.view.isRead ? name.view.announcement.plan(name.pending) : [];
  return { ...both(name), writes, ...(trouble === undefined ? {} : { trouble }) };
}

/** Why what is known of it is not all. */
export function troubleOf({ trouble, history, view }: MirroredName): string | undefined {
  if (trouble.now) return trouble.now.cause;
  if (!history.isHeard) return "the source has not answered";
  if (!history.isConfirmed) return history.trouble ?? "the source does not answer";
  return view.isRead ? undefined : "the target was not read";
}

function targetStatus(name: MirroredName): TargetStatus {
  const { conflicts, trouble } = name;
  return {
    ...both(name),
    state: stateOf(name),
    conflicts: conflictsOf(name, conflicts.all()),
    ...(trouble.now ? { trouble: trouble.now } : {}),
  };
}

function conflictsOf(
  { place, desired }: MirroredName,
  lost: readonly { readonly id: string; readonly cause: string }[],
): readonly MirrorConflict[] {
  const target = place.target.show;
  const known = new Map(lost.map(({ id, cause }) => [id, cause]));
  for (const { id, why, cause } of desired.leftOut)
    if (why === "conflict") known.set(id, cause ?? "another group has it");
  return Array.from(known, ([id, cause]) => ({ target, id, cause }));
}

function stateOf(name: MirroredName): TargetStatus["state"] {
  if (name.trouble.now) return "troubled";
  if (!name.view.isRead || !name.history.isHeard) return "pending";
  if (name.refusal !== undefined) return "refused";
  if (name.held.length > 0) return "held";
  if (name.isAgreed) return "agreed";
  return name.history.isConfirmed ? "writing" : "troubled";
}
