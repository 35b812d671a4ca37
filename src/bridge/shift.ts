/** A shift: one logical name on its way from one bound name to another, by weight, watched, with a way back. */
import type { ShiftScope } from "./shift-scope.ts";

/** `from` and `to`: the side that is left, and the one that is gone to. */
export type Side = "from" | "to";

/** When a step was good enough, and when a side is worse than may be. */
export interface ShiftGuard {
  /** By how much the success rate of `to` may be below that of `from`, 0 to 1. */
  readonly successDelta: number;
  /** How many times as long as `from`'s the 99th percentile of `to` may take. */
  readonly p99Ratio: number;
  /** Of each side, in a step, before the next. */
  readonly minRequests: number;
}

/** What a shift is to do; it does not change while it runs. */
export interface ShiftPlan {
  /** Lower-case letters, digits and dashes: the key in a store, and what the override file and commands call it. */
  readonly name: string;
  /** The logical name, as `/svc/users`; whatever lies below it goes along, so `/svc` is all names. */
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly scope: ShiftScope;
  /** Percent of `to`: rising, above 0, the last one 100. */
  readonly steps: readonly number[];
  /** How long each step lasts at least. */
  readonly bakeMs: number;
  readonly guard: ShiftGuard;
}

/** Where a shift is. `step` counts from 0; what is acknowledged weighs nothing any more. */
export type Stage =
  | { readonly state: "planned" }
  | { readonly state: "running" | "paused"; readonly step: number }
  | { readonly state: "rolled-back" | "done"; readonly step: number; readonly acknowledged: boolean };

/** What can happen to a shift: what is ordered, and what the guard does. */
export type Verb = "plan" | "start" | "pause" | "resume" | "advance" | "finish" | "rollback" | "breach" | "ack";

/** Percent of each side. */
export interface Weights {
  readonly from: number;
  readonly to: number;
}

/** One change. Weights are absent where the shift weighed nothing. */
export interface ShiftRecord {
  /** Of all that ever happened to a shift of this name, from 1. */
  readonly revision: number;
  /** Epoch ms. */
  readonly at: number;
  readonly verb: Verb;
  /** A person, as `ada@host-7`, or a daemon. */
  readonly who: string;
  readonly why: string;
  readonly before: Snapshot | undefined;
  readonly after: Snapshot;
}

/** What an audit needs to know of a moment. */
export interface Snapshot {
  readonly stage: Stage;
  readonly weights?: Weights;
}

export interface Shift {
  readonly plan: ShiftPlan;
  readonly stage: Stage;
  /** Tells this run of the name from those before: the revision at which it was planned or started. */
  readonly run: number;
  /** Of the newest record. */
  readonly revision: number;
  /** The newest `HISTORY` changes, oldest first, of earlier runs of the name too. */
  readonly history: readonly ShiftRecord[];
}

/** How many changes are kept with a shift; each is a line of the log besides. */
export const HISTORY = 100;

const BACK: Weights = { from: 100, to: 0 };

/** What the stage gives each side; nothing where the router's own dtab rules. */
export function weightsOf({ plan, stage }: Pick<Shift, "plan" | "stage">): Weights | undefined {
  switch (stage.state) {
    case "planned":
      return undefined;
    case "running":
    case "paused":
      return split(plan.steps[stage.step] ?? 0);
    case "rolled-back":
      return stage.acknowledged ? undefined : BACK;
    case "done":
      return stage.acknowledged ? undefined : split(100);
  }
}

export function snapshotOf(shift: Pick<Shift, "plan" | "stage">): Snapshot {
  const weights = weightsOf(shift);
  return { stage: shift.stage, ...(weights === undefined ? {} : { weights }) };
}

/** Whether it is over, so that another may take its name. */
export function isOver({ state, ...stage }: Stage): boolean {
  return state === "planned" || ("acknowledged" in stage && stage.acknowledged);
}

/** Of the whole, to two decimals: an override may be of any size. */
export function percentOf(side: Side, { from, to }: Weights): number {
  return Math.round(((side === "from" ? from : to) / (from + to)) * 10_000) / 100;
}

/** Rounded to what a dtab shows, so that both add up to 100. */
function split(to: number): Weights {
  return { from: Math.round((100 - to) * 100) / 100, to };
}
