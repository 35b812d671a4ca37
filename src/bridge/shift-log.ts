/** Writes down what happened to shifts: a line a change, for whoever keeps logs longer than stores keep history. */
import type { Log } from "../base/log.ts";
import type { Shift, ShiftRecord, Snapshot, Verb } from "./shift.ts";

const EVENTS: Readonly<Record<Verb, string>> = {
  plan: "shift.planned",
  start: "shift.started",
  pause: "shift.paused",
  resume: "shift.resumed",
  advance: "shift.advanced",
  finish: "shift.done",
  rollback: "shift.rolled_back",
  breach: "shift.rolled_back",
  ack: "shift.acknowledged",
};

/** Of `shift`, what is newer than `revision`. */
export function logChanges(log: Log, shift: Shift, revision: number): void {
  for (const record of shift.history) if (record.revision > revision) logChange(log, shift, record);
}

function logChange(log: Log, { plan }: Shift, { verb, who, why, before, after }: ShiftRecord): void {
  const level = verb === "rollback" || verb === "breach" ? "warn" : "info";
  log[level](EVENTS[verb], {
    shift: plan.name,
    path: plan.path,
    who,
    why,
    ...(before === undefined ? {} : { before: shown(before) }),
    after: shown(after),
  });
}

/** `running 90/10`. */
function shown({ stage, weights }: Snapshot): string {
  return weights === undefined ? stage.state : `${stage.state} ${weights.from}/${weights.to}`;
}
