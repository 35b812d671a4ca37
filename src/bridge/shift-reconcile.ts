/** What to believe of a shift where a daemon and the store say different things. */
import { follow } from "./shift-orders.ts";
import { isOver, type Shift } from "./shift.ts";

export interface Reconciled {
  readonly shift: Shift;
  /** The store does not have it yet. */
  readonly isOwed: boolean;
}

/**
 * The newer one, by run and revision; but a way back that this daemon has gone is not undone by whatever else happened
 * in that run, and a shift that is in force does not vanish because a store was set back.
 */
export function reconcile(known: Shift | undefined, stored: Shift): Reconciled {
  if (known === undefined || stored.run > known.run) return { shift: stored, isOwed: false };
  if (stored.run < known.run) {
    return isOver(known.stage) ? { shift: stored, isOwed: false } : { shift: known, isOwed: true };
  }
  const newest = stored.revision >= known.revision ? stored : known;
  const isBack = known.stage.state === "rolled-back" && !known.stage.acknowledged;
  if (!isBack || newest.stage.state === "rolled-back") return { shift: newest, isOwed: isBack && newest === known };
  const { who, why, at } = known.history.at(-1) ?? { who: "", why: "", at: 0 };
  const again = follow(newest, "rollback", { who, why, at });
  return again.tag === "changed" ? { shift: again.shift, isOwed: true } : { shift: newest, isOwed: false };
}
