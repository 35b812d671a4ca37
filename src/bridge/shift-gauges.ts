/** The numbers of shifts: what is ordered, and what was measured of it. */
import type { MetricSpec, Metrics } from "../base/metrics.ts";
import { Scope } from "../base/scope.ts";
import type { ShiftDriver } from "./shift-driver.ts";
import { requestsOf } from "./shift-samples.ts";
import type { Shift, Side, Stage } from "./shift.ts";
import type { Shifts } from "./shifts.ts";

const WEIGHT: MetricSpec = {
  name: "linkspan_shift_weight",
  type: "gauge",
  help: "Percent of the requests that a shift gives each side: from, to. Without a series where it weighs nothing.",
  labels: ["shift", "side"],
};
const SHARE: MetricSpec = {
  name: "linkspan_shift_share",
  type: "gauge",
  help: "Percent of the requests of this daemon's callers that each side has answered in the step, while a shift is driven; NaN before there are any.",
  labels: ["shift", "side"],
};
const STATE: MetricSpec = {
  name: "linkspan_shift_state",
  type: "gauge",
  help: "1 for the state that a shift is in: planned, running, paused, rolled-back, done.",
  labels: ["shift", "state"],
};
const REVISION: MetricSpec = {
  name: "linkspan_shift_revision",
  type: "gauge",
  help: "How many changes a shift has had, of earlier runs too.",
  labels: ["shift"],
};
const BREACHED: MetricSpec = {
  name: "linkspan_shift_breaches_total",
  type: "counter",
  help: "Rollbacks that a guard ordered, by any daemon of the same store, while this one ran.",
  labels: ["shift"],
};

/** For the table in the docs. */
export const SHIFT_METRICS: readonly MetricSpec[] = [WEIGHT, SHARE, STATE, REVISION, BREACHED];

const STATES: readonly Stage["state"][] = ["planned", "running", "paused", "rolled-back", "done"];
const SIDES: readonly Side[] = ["from", "to"];

export interface ShiftGauges {
  readonly shifts: Shifts;
  readonly driver: ShiftDriver;
  readonly metrics: Metrics;
}

/** The series of a shift go when it does, or when its state or its weights do. */
export function gaugeShifts(parts: ShiftGauges, owner: Scope): void {
  const shown = new Map<string, { readonly key: string; readonly scope: Scope }>();
  const counted = new Map<string, number>();
  const breaches = new Scope();
  owner.own(breaches);
  const renew = (): void => {
    const all = parts.shifts.all;
    const names = new Set(all.map(({ plan }) => plan.name));
    for (const [name, { scope }] of shown) {
      if (names.has(name)) continue;
      shown.delete(name);
      void scope.close();
    }
    for (const shift of all) {
      count(shift, counted, parts.metrics, breaches);
      const isWeighted = parts.shifts.weights(shift) !== undefined;
      const key = `${shift.stage.state} ${isWeighted}`;
      const before = shown.get(shift.plan.name);
      if (before?.key === key) continue;
      void before?.scope.close();
      const scope = owner.child();
      shown.set(shift.plan.name, { key, scope });
      show(shift.plan.name, isWeighted, parts, scope);
    }
  };
  owner.own(parts.shifts.listen(renew));
  renew();
}

/** Breaches of before this daemon began are not its to count. */
function count(
  { plan: { name }, revision, history }: Shift,
  counted: Map<string, number>,
  metrics: Metrics,
  owner: Scope,
): void {
  const before = counted.get(name);
  if (before === revision) return;
  counted.set(name, revision);
  const counter = metrics.counter(BREACHED, { shift: name }, owner);
  if (before === undefined) return;
  counter.value += history.filter((each) => each.verb === "breach" && each.revision > before).length;
}

function show(shift: string, isWeighted: boolean, { shifts, driver, metrics }: ShiftGauges, scope: Scope): void {
  const find = (): Shift | undefined => shifts.all.find(({ plan }) => plan.name === shift);
  for (const state of STATES) {
    metrics.gauge(STATE, { shift, state }, scope, () => (find()?.stage.state === state ? 1 : 0));
  }
  metrics.gauge(REVISION, { shift }, scope, () => find()?.revision ?? 0);
  if (!isWeighted) return;
  for (const side of SIDES) {
    metrics.gauge(WEIGHT, { shift, side }, scope, () => {
      const found = find();
      const weights = found && shifts.weights(found);
      return weights === undefined ? Number.NaN : (weights[side] / (weights.from + weights.to)) * 100;
    });
    metrics.gauge(SHARE, { shift, side }, scope, () => {
      const found = find();
      const sides = found && driver.view(found)?.sides;
      if (sides === undefined) return Number.NaN;
      return (requestsOf(sides[side]) / (requestsOf(sides.from) + requestsOf(sides.to))) * 100;
    });
  }
}
