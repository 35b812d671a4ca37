/** What people and programs are shown of a shift: what is ordered, what is measured, and what it cannot control. */
import type { Driven } from "./shift-driver.ts";
import { requestsOf, type Tally } from "./shift-samples.ts";
import type { Target } from "./shift-target.ts";
import type { Targets } from "./shift-targets.ts";
import type { Shift, ShiftPlan, ShiftRecord, Side, Stage, Weights } from "./shift.ts";

export interface SideStatus {
  readonly name: string;
  /** Percent, as ordered; absent where the shift weighs nothing. */
  readonly weight?: number;
  /** Of the requests of this daemon's callers in this step: absent while there are none. */
  readonly share?: number;
  readonly requests: number;
  readonly successRate?: number;
  readonly p99Ms?: number;
  readonly endpoints: number;
  /** Clusters, by their bound ids. */
  readonly ids: readonly string[];
  readonly problem?: string;
}

export interface ShiftStatus {
  readonly plan: ShiftPlan;
  readonly stage: Stage;
  readonly revision: number;
  /** Of the step. */
  readonly bakedMs?: number;
  readonly verdict?: Driven["verdict"];
  /** What this host's file says against the order. */
  readonly override?: Weights;
  /** The store does not have the newest change yet. */
  readonly isOwed: boolean;
  readonly sides: Readonly<Record<Side, SideStatus>>;
  /** A sentence each: callers whom weights do not reach, sides that cannot be used. */
  readonly notes: readonly string[];
  readonly history: readonly ShiftRecord[];
}

export interface StatusParts {
  readonly shift: Shift;
  readonly weights: Weights | undefined;
  readonly override: Weights | undefined;
  readonly isOwed: boolean;
  readonly driven: Driven | undefined;
  /** By router. */
  readonly targets: ReadonlyMap<string, Targets>;
  /** Logical names that reach a side beside the shifted one, on this daemon. */
  readonly others: readonly OtherCaller[];
}

/** A route beside the shift: what comes by it is counted on that side, and no weight of the shift reaches it. */
export interface OtherCaller {
  readonly side: Side;
  readonly router: string;
  readonly name: string;
}

export function statusOf(parts: StatusParts): ShiftStatus {
  const { shift, override, isOwed, driven } = parts;
  const { plan, stage, revision, history } = shift;
  const sides = { from: sideOf("from", parts), to: sideOf("to", parts) };
  return {
    plan,
    stage,
    revision,
    ...(driven === undefined ? {} : { bakedMs: Math.round(driven.bakedMs), verdict: driven.verdict }),
    ...(override === undefined ? {} : { override }),
    isOwed,
    sides,
    notes: notesOf(parts, sides),
    history,
  };
}

function sideOf(side: Side, { shift, weights, driven, targets }: StatusParts): SideStatus {
  const seen = [...targets.values()].map((each) => each[side]);
  const all = driven === undefined ? 0 : requestsOf(driven.sides.from) + requestsOf(driven.sides.to);
  const tally = driven?.sides[side];
  const none = targets.size === 0 ? "no router of this daemon follows it" : undefined;
  const problem = seen.find((target) => target.problem !== undefined)?.problem ?? none;
  return {
    name: shift.plan[side],
    ...(weights === undefined ? {} : { weight: percentOf(side, weights) }),
    requests: tally === undefined ? 0 : requestsOf(tally),
    ...(tally === undefined || all === 0 ? {} : { share: (requestsOf(tally) / all) * 100 }),
    ...(tally === undefined ? {} : answersOf(tally)),
    endpoints: Math.max(0, ...seen.map(({ endpoints }) => endpoints)),
    ids: idsOf(seen),
    ...(problem === undefined ? {} : { problem }),
  };
}

const percentOf = (side: Side, { from, to }: Weights): number => ((side === "from" ? from : to) / (from + to)) * 100;
const idsOf = (seen: readonly Target[]): readonly string[] => [...new Set(seen.flatMap(({ ids }) => ids))];

function answersOf(tally: Tally): Pick<SideStatus, "successRate" | "p99Ms"> {
  if (requestsOf(tally) === 0) return {};
  const successRate = tally.successes / requestsOf(tally);
  return { successRate, ...(tally.times.count === 0 ? {} : { p99Ms: tally.times.percentile(0.99) }) };
}

function notesOf(
  { shift, weights, override, others }: StatusParts,
  sides: Readonly<Record<Side, SideStatus>>,
): string[] {
  const { plan } = shift;
  const notes: string[] = [];
  if (override !== undefined)
    notes.push("the override file of this host wins over what is ordered, and nothing is judged meanwhile");
  if (shift.stage.state === "done" && weights !== undefined) {
    notes.push(`write ${plan.path} => ${plan.to} into the dtab before it is acknowledged: then the dtab rules again`);
  }
  for (const side of ["from", "to"] as const) {
    const { name, problem } = sides[side];
    if (problem === undefined || weights === undefined) continue;
    const rest = side === "from" ? "to" : "from";
    notes.push(
      `\`${side}\` (${name}) cannot be used: ${problem}; all goes to \`${rest}\` meanwhile, whatever its weight`,
    );
  }
  for (const { side, router, name } of others) {
    notes.push(`${name} on the router ${router} leads to \`${side}\` too, and its callers do not follow the weights`);
  }
  notes.push(
    `whoever looks ${plan.from} up in its registry without this router knows no weights: how many instances are published there, or the address of a gateway, is all that moves those callers`,
  );
  return notes;
}
