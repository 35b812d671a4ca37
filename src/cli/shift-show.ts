/** How shifts are written for people. */
import type { SideStatus } from "../bridge/shift-side-status.ts";
import type { ShiftStatus } from "../bridge/shift-status.ts";
import type { ShiftRecord, Snapshot } from "../bridge/shift.ts";
import { showScope } from "../bridge/shift-scope-text.ts";
import { showDuration } from "../config/units.ts";
import { showTable } from "./table.ts";

/** Changes that are shown with a shift. */
const SHOWN = 10;

export function showShifts(shifts: readonly ShiftStatus[]): string {
  if (shifts.length === 0) return "There are no shifts.\n";
  const rows = shifts.map((shift) => [
    shift.plan.name,
    shift.plan.path,
    stateOf(shift),
    weightsOf(shift),
    sharesOf(shift),
    shift.plan.from,
    shift.plan.to,
  ]);
  return showTable(["SHIFT", "NAME", "STATE", "ORDERED", "MEASURED", "FROM", "TO"], rows);
}

/** A shift whole, with its last changes. */
export function showShift(shift: ShiftStatus): string {
  const { plan, sides, notes, history } = shift;
  const { guard } = plan;
  const rows = (["from", "to"] as const).map((side) => sideRow(side, sides[side]));
  return [
    `${plan.name}: ${plan.path}${scopeOf(plan)}, ${stateOf(shift)}\n`,
    `steps ${plan.steps.join(", ")} %, each for ${showDuration(plan.bakeMs)} and ${guard.minRequests} requests at least; `,
    `success_delta<${round(guard.successDelta * 100)}%, p99_ratio<${guard.p99Ratio}\n\n`,
    showTable(["SIDE", "NAME", "ORDERED", "MEASURED", "REQUESTS", "SUCCESS", "P99", "ENDPOINTS"], rows),
    "\n",
    ...(shift.isOwed ? ["The store does not have the newest change yet; it is in force here.\n"] : []),
    ...notes.map((note) => `- ${note}\n`),
    "\n",
    ...history.slice(-SHOWN).map(showRecord),
  ].join("");
}

function scopeOf({ scope }: ShiftStatus["plan"]): string {
  const said = showScope(scope);
  return said === "" ? "" : ` of ${said}`;
}

/** One line of what moves, for `-w`. */
export function showProgress(at: number, shift: ShiftStatus): string {
  const { from, to } = shift.sides;
  const time = new Date(at).toISOString().slice(11, 19);
  const sides = `from ${answers(from)}, to ${answers(to)}`;
  return `${time} ${stateOf(shift)}, ordered ${weightsOf(shift)}, measured ${sharesOf(shift)}; ${sides}\n`;
}

function stateOf({ stage, plan, verdict, bakedMs, override, isHere }: ShiftStatus): string {
  const said = override === undefined ? (isHere ? "" : " (not on this host)") : " (overridden)";
  if (stage.state === "planned") return "planned";
  if ("acknowledged" in stage) return stage.acknowledged ? `${stage.state}, acknowledged` : `${stage.state}${said}`;
  const step = `${stage.state} step ${stage.step + 1} of ${plan.steps.length}${said}`;
  if (verdict === undefined || bakedMs === undefined || stage.state === "paused") return step;
  const baked = `${showDuration(Math.floor(bakedMs / 1_000) * 1_000)} of ${showDuration(plan.bakeMs)}`;
  return `${step}, ${baked}, ${verdict.tag === "good" ? "good" : verdict.why}`;
}

function weightsOf({ sides: { from, to } }: ShiftStatus): string {
  return from.weight === undefined ? "-" : `${round(from.weight)}/${round(to.weight ?? 0)}`;
}

function sharesOf({ sides: { from, to } }: ShiftStatus): string {
  return from.share === undefined ? "-" : `${round(from.share)}/${round(to.share ?? 0)}`;
}

function sideRow(side: string, status: SideStatus): readonly string[] {
  const { name, weight, share, requests, successRate, p99Ms, endpoints, problem } = status;
  return [
    side,
    name,
    weight === undefined ? "-" : `${round(weight)} %`,
    share === undefined ? "-" : `${round(share)} %`,
    `${requests}`,
    successRate === undefined ? "-" : `${round(successRate * 100)} %`,
    p99Ms === undefined ? "-" : `${round(p99Ms)} ms`,
    problem === undefined ? `${endpoints}` : `${endpoints} (${problem})`,
  ];
}

function answers({ requests, successRate, p99Ms }: SideStatus): string {
  if (successRate === undefined) return "nothing";
  return `${requests} at ${round(successRate * 100)} %${p99Ms === undefined ? "" : ` within ${round(p99Ms)} ms`}`;
}

function showRecord({ at, verb, who, why, before, after }: ShiftRecord): string {
  const was = before === undefined ? "" : `${showSnapshot(before)} -> `;
  return `${new Date(at).toISOString().slice(0, 19)}Z ${verb}: ${was}${showSnapshot(after)}, by ${who}: ${why}\n`;
}

function showSnapshot({ stage, weights }: Snapshot): string {
  return weights === undefined ? stage.state : `${stage.state} ${round(weights.from)}/${round(weights.to)}`;
}

const round = (value: number): number => Math.round(value * 100) / 100;
