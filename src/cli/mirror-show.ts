/** Mirrors for people: a plan as a difference, what was applied, and how they fare. */
import type {
  AppliedWrite,
  LeftOut,
  MirrorApplied,
  MirrorPlan,
  MirrorWithdrawn,
  Orphans,
  TargetPlan,
} from "../bridge/mirror-plan.ts";
import type { MirrorStatus, TargetStatus } from "../bridge/mirror-status.ts";
import type { PlannedWrite } from "../naming/announcer.ts";
import type { Paint } from "../config/problem-text.ts";
import { showTable } from "./table.ts";

const SIGNS = { create: "+", update: "~", delete: "-" } as const;
/** Of each target; the rest is counted. */
const MOST_LINES = 50;

export function showPlan(plan: MirrorPlan, paint: Paint): string {
  const { create, update, delete: gone, held, unreachable, refused, troubled } = plan.totals;
  const lines = [paint.strong(plan.mirror)];
  if (plan.trouble !== undefined) lines.push(`  ${paint.error("trouble")}: ${plan.trouble}`);
  for (const target of plan.targets) lines.push(...targetLines(target, paint));
  const parts = [`${create} to create`, `${update} to change`, `${gone} to delete`, `${held} held`];
  if (unreachable > 0) parts.push(`${unreachable} unreachable`);
  if (refused > 0) parts.push(`${refused} refused`);
  if (troubled > 0) parts.push(`${troubled} in trouble`);
  const nothing = create + update + gone + held + unreachable + refused + troubled === 0 && plan.trouble === undefined;
  lines.push(nothing ? "Nothing is to be done." : `${parts.join(", ")}.`);
  return `${lines.join("\n")}\n`;
}

function targetLines(target: TargetPlan, paint: Paint): readonly string[] {
  const { source, writes, held, leftOut, forced = [], orphans = [], refusal, trouble, entries } = target;
  const said = [
    ...(refusal === undefined ? [] : [`${paint.error("refused")}: ${refusal}`]),
    ...(trouble === undefined ? [] : [`${paint.error("trouble")}: ${trouble}`]),
    ...writes.map((write) => writeLine(write, paint)),
    ...held.map(({ id, why, agreed }) => `! ${id} stays for now: ${why}, by ${agreed} looks`),
    ...forced.map(({ id, cause }) => `${paint.warning("!")} ${id} is published although it is unreachable: ${cause}`),
    ...orphans.map((each) => `${paint.warning("!")} orphaned: ${orphaned(each)}`),
    ...leftOut.filter(isTold).map(({ id, why, cause }) => `${paint.faint(`  ${id} not published: ${cause ?? why}`)}`),
  ];
  if (said.length === 0) return [];
  const cut =
    said.length > MOST_LINES ? [...said.slice(0, MOST_LINES), `  and ${said.length - MOST_LINES} more`] : said;
  const from = source === undefined ? "" : `${source} -> `;
  return [`  ${from}${target.target} (${entries} standing)`, ...cut.map((line) => `    ${line}`)];
}

const orphaned = ({ group, entries, endedAt }: Orphans): string =>
  `${entries} of ${group}, whose lease ended ${new Date(endedAt).toISOString()}`;

/** That something is at home elsewhere, or not chosen, is as it should be. */
const isTold = ({ why }: LeftOut): boolean => !["foreign", "unready", "unchosen"].includes(why);

function writeLine({ op, object, data }: PlannedWrite, paint: Paint): string {
  const line = `${SIGNS[op]} ${object}`;
  const coloured = op === "delete" ? paint.error(line) : op === "update" ? paint.warning(line) : paint.strong(line);
  return data === undefined ? coloured : `${coloured}\n        ${data.replaceAll("\n", "\n        ")}`;
}

export function showApplied(applied: MirrorApplied, paint: Paint): string {
  const { mirror, leader, writes, left } = applied;
  if (leader !== undefined) {
    return `${paint.strong(mirror)}\n  ${leader} leads this mirror: nothing was written\n`;
  }
  const done = writes.filter(({ outcome }) => outcome === "done");
  const puts = done.filter(({ op }) => op === "put").length;
  const summary = `  ${puts} written, ${done.length - puts} deleted`;
  const { held, unreachable, refused, troubled, create, update, delete: gone } = left.totals;
  const rest =
    held + unreachable + refused + troubled + create + update + gone > 0 ? `\nleft:\n${showPlan(left, paint)}` : "\n";
  return `${[paint.strong(mirror), ...failures(writes, paint), summary].join("\n")}${rest}`;
}

export function showWithdrawn({ mirror, leader, writes }: MirrorWithdrawn, paint: Paint): string {
  if (leader !== undefined) return `${paint.strong(mirror)}\n  ${leader} leads this mirror, and would write it again\n`;
  const done = writes.filter(({ outcome }) => outcome === "done").length;
  return `${[paint.strong(mirror), ...failures(writes, paint), `  ${done} deleted`].join("\n")}\n`;
}

const failures = (writes: readonly AppliedWrite[], paint: Paint): readonly string[] =>
  writes
    .filter(({ outcome }) => outcome !== "done")
    .slice(0, MOST_LINES)
    .map(({ target, id, outcome, cause }) => `  ${paint.error(outcome)}: ${id} at ${target}: ${cause ?? ""}`);

export function isInTrouble({ totals, trouble }: MirrorStatus): boolean {
  return (
    trouble !== undefined || totals.held + totals.conflicts + totals.refused + totals.troubled + totals.unreachable > 0
  );
}

export function showStatus(mirrors: readonly MirrorStatus[], left: number, now: number, paint: Paint): string {
  if (mirrors.length === 0) return "No mirrors run there.\n";
  const rows = mirrors.map((each) => {
    const { totals } = each;
    return [
      each.mirror,
      each.role === "following" ? `follows ${each.leader ?? "another"}` : each.role,
      ...[totals.targets, totals.entries, totals.held, totals.unreachable, totals.conflicts].map(String),
      ...[totals.refused, totals.troubled].map(String),
      each.agreedAt === undefined ? "-" : `${Math.max(0, Math.round((now - each.agreedAt) / 1000))} s ago`,
    ];
  });
  const heading = [
    "MIRROR",
    "ROLE",
    "TARGETS",
    "ENTRIES",
    "HELD",
    "UNREACHABLE",
    "CONFLICTS",
    "REFUSED",
    "TROUBLED",
    "AGREED",
  ];
  const notes = mirrors.flatMap((each) => notesOf(each, paint));
  const held = mirrors.find(({ totals }) => totals.held > 0);
  return [
    showTable(heading, rows),
    ...(notes.length === 0 ? [] : [`\n${notes.slice(0, MOST_LINES).join("\n")}\n`]),
    ...(left + notes.length > MOST_LINES ? [`and more: linkspan mirror status --json\n`] : []),
    ...(held === undefined ? [] : [`\nNext: linkspan mirror approve ${held.mirror}\n`]),
  ].join("");
}

function notesOf({ mirror, trouble, targets }: MirrorStatus, paint: Paint): readonly string[] {
  const whole = trouble === undefined ? [] : [`${mirror}: ${paint.error(trouble)}`];
  return [...whole, ...targets.flatMap((target) => targetNotes(mirror, target, paint))];
}

function targetNotes(mirror: string, target: TargetStatus, paint: Paint): readonly string[] {
  const { held, conflicts, refusal, trouble, leftOut, forced = [], orphans = [] } = target;
  const unreachable = leftOut.filter(({ why }) => why === "unreachable" || why === "unplaced");
  const notes = [
    ...(refusal === undefined ? [] : [`${paint.error("refused")}: ${refusal}`]),
    ...(trouble === undefined ? [] : [`${paint.error("trouble")}: ${trouble.cause}`]),
    ...held.map(
      ({ id, why, agreed, needs }) =>
        `held: ${id} (${why}, ${agreed} looks agree, waits for ${needs === "turn" ? "its turn or an approval" : "more looks"})`,
    ),
    ...conflicts.map(({ id, cause }) => `${paint.error("conflict")}: ${id}: ${cause}`),
    ...forced.map(({ id, cause }) => `${paint.warning("forced")}: ${id}: ${cause}`),
    ...unreachable.map(({ id, why, cause }) => `${paint.warning(why)}: ${id}: ${cause ?? "it did not answer"}`),
    ...orphans.map((each) => `${paint.warning("orphaned")}: ${orphaned(each)}`),
  ];
  return notes.map((note) => `${mirror} ${target.target}: ${note}`);
}
