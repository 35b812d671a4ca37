/** What people and programs are shown of a shift: what is ordered, what is measured, and what it cannot control. */
import type { Driven } from "./shift-driver.ts";
import { notesOf } from "./shift-notes.ts";
import { sideOf, type SideStatus, type StatusParts } from "./shift-side-status.ts";
import type { ShiftPlan, ShiftRecord, Side, Stage, Weights } from "./shift.ts";

export interface ShiftStatus {
  readonly plan: ShiftPlan;
  readonly stage: Stage;
  readonly revision: number;
  /** Of the step. */
  readonly bakedMs?: number;
  readonly verdict?: Driven["verdict"];
  /** Whether this host is in its scope. */
  readonly isHere: boolean;
  /** What this host's file says against the order. */
  readonly override?: Weights;
  /** The store does not have the newest change yet. */
  readonly isOwed: boolean;
  readonly sides: Readonly<Record<Side, SideStatus>>;
  /** A sentence each: callers whom weights do not reach, sides that cannot be used. */
  readonly notes: readonly string[];
  readonly history: readonly ShiftRecord[];
}

export function statusOf(parts: StatusParts): ShiftStatus {
  const { shift, override, isOwed, driven, isHere } = parts;
  const { plan, stage, revision, history } = shift;
  const sides = { from: sideOf("from", parts), to: sideOf("to", parts) };
  return {
    plan,
    stage,
    revision,
    ...(driven === undefined ? {} : { bakedMs: Math.round(driven.bakedMs), verdict: driven.verdict }),
    ...(override === undefined ? {} : { override }),
    isOwed,
    isHere,
    sides,
    notes: notesOf(parts, sides),
    history,
  };
}
