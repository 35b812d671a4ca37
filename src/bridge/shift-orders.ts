/** The steps of a shift as a state machine: what may follow what, and the record that each change leaves. */
import {
  HISTORY,
  isOver,
  type Shift,
  type ShiftPlan,
  type ShiftRecord,
  snapshotOf,
  type Stage,
  type Verb,
} from "./shift.ts";

/** Who wants it, why, and when (epoch ms). */
export interface Order {
  readonly who: string;
  readonly why: string;
  readonly at: number;
}

/** `unchanged`: it is so already. `refused` says why not, for people. */
export type Ordered =
  | { readonly tag: "changed"; readonly shift: Shift }
  | { readonly tag: "unchanged"; readonly shift: Shift }
  | {
      readonly tag: "refused";
      readonly why: string;
      /** The shift that is in the way, or that cannot do it, as it is. */
      readonly shift?: Shift;
    };

/** Begins the first run of a name, or the next one when the last is over. `plan` waits for `resume`. */
export function begin(before: Shift | undefined, plan: ShiftPlan, verb: "plan" | "start", order: Order): Ordered {
  if (before !== undefined && !isOver(before.stage)) {
    return { tag: "refused", why: whyNotAgain(before), shift: before };
  }
  const stage: Stage = verb === "plan" ? { state: "planned" } : { state: "running", step: 0 };
  const run = (before?.revision ?? 0) + 1;
  return { tag: "changed", shift: recorded(before, { plan, stage, run }, verb, order) };
}

/** Everything else that can happen to a shift. */
export function follow(shift: Shift, verb: Exclude<Verb, "plan" | "start">, order: Order): Ordered {
  const next = NEXT[verb](shift.stage, shift.plan);
  if (typeof next === "string") return { tag: "refused", why: `${shift.plan.name} ${next}`, shift };
  if (next === shift.stage) return { tag: "unchanged", shift };
  return { tag: "changed", shift: recorded(shift, { ...shift, stage: next }, verb, order) };
}

/** The next stage, the same where it is so already, or why there is none. */
type Next = (stage: Stage, plan: ShiftPlan) => Stage | string;

const NEXT: { readonly [verb in Exclude<Verb, "plan" | "start">]: Next } = {
  pause: (stage) => {
    if (stage.state === "paused") return stage;
    return stage.state === "running"
      ? { state: "paused", step: stage.step }
      : `is ${stage.state}: only what runs pauses`;
  },
  resume: (stage) => {
    if (stage.state === "running") return stage;
    if (stage.state === "planned") return { state: "running", step: 0 };
    return stage.state === "paused" ? { state: "running", step: stage.step } : frozen(stage);
  },
  advance: (stage, { steps }) => {
    if (stage.state !== "running") return `is ${stage.state}: only what runs advances`;
    const step = stage.step + 1;
    return step < steps.length ? { state: "running", step } : "is at its last step";
  },
  finish: (stage, { steps }) => {
    if (stage.state !== "running") return `is ${stage.state}: only what runs can be done`;
    return stage.step === steps.length - 1
      ? { state: "done", step: stage.step, acknowledged: false }
      : "has steps before it";
  },
  rollback: back,
  breach: (stage) => (stage.state === "running" || stage.state === "paused" ? back(stage) : `is ${stage.state}`),
  ack: (stage) => {
    if (stage.state !== "rolled-back" && stage.state !== "done")
      return `is ${stage.state}: nothing is to be acknowledged`;
    return stage.acknowledged ? stage : { ...stage, acknowledged: true };
  },
};

function back(stage: Stage): Stage | string {
  if (stage.state === "planned") return "is planned: it has moved nothing yet";
  if (stage.state !== "rolled-back" && stage.state !== "done") {
    return { state: "rolled-back", step: stage.step, acknowledged: false };
  }
  if (stage.acknowledged) return "is over: the router's own dtab rules";
  return stage.state === "rolled-back" ? stage : { state: "rolled-back", step: stage.step, acknowledged: false };
}

function frozen({ state }: Stage): string {
  return state === "rolled-back" ? "is rolled-back: acknowledge it, then start it anew" : `is ${state}`;
}

function whyNotAgain({ plan: { name }, stage: { state } }: Shift): string {
  if (state === "rolled-back" || state === "done") return `${name} is ${state}, and not acknowledged`;
  return `${name} is ${state} already`;
}

function recorded(
  before: Shift | undefined,
  next: Pick<Shift, "plan" | "stage" | "run">,
  verb: Verb,
  { who, why, at }: Order,
): Shift {
  const revision = (before?.revision ?? 0) + 1;
  const was = before === undefined ? undefined : snapshotOf(before);
  const record: ShiftRecord = { revision, at, verb, who, why, before: was, after: snapshotOf(next) };
  const history = [...(before?.history ?? []), record].slice(-HISTORY);
  return { plan: next.plan, stage: next.stage, run: next.run, revision, history };
}
