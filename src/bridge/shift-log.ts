/** Writes down what happened to shifts: a line a change, for whoever keeps logs longer than stores keep history. */
import type { Log, LogFields } from "../base/log.ts";
import type { Shift, ShiftRecord, Snapshot } from "./shift.ts";

/** Of `shift`, what is newer than `revision`. */
export function logChanges(log: Log, shift: Shift, revision: number): void {
  for (const record of shift.history) if (record.revision > revision) logChange(log, shift, record);
}

function logChange(log: Log, shift: Shift, record: ShiftRecord): void {
  const isBack = record.verb === "rollback" || record.verb === "breach";
  if (isBack) log.warn("shift.reverted", fieldsOf(shift, record));
  else log.info("shift.changed", fieldsOf(shift, record));
}

function fieldsOf({ plan }: Shift, { verb, who, why, before, after }: ShiftRecord): LogFields {
  const was = before === undefined ? {} : { before: shown(before) };
  return { shift: plan.name, path: plan.path, change: verb, who, why, ...was, after: shown(after) };
}

/** `running 90/10`. */
function shown({ stage, weights }: Snapshot): string {
  return weights === undefined ? stage.state : `${stage.state} ${weights.from}/${weights.to}`;
}
