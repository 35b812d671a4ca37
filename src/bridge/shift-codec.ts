/** A shift as the text of a document in a store. */
import { HISTORY, type Shift, type ShiftRecord, type Snapshot, type Stage, type Verb } from "./shift.ts";
import { readPlan } from "./shift-plan.ts";

const FORMAT = 1;
const VERBS: ReadonlySet<unknown> = new Set<Verb>([
  "plan",
  "start",
  "pause",
  "resume",
  "advance",
  "finish",
  "rollback",
  "breach",
  "ack",
]);

/** Readable, for people look into stores. */
export function encodeShift(shift: Shift): string {
  return `${JSON.stringify({ format: FORMAT, ...shift }, undefined, 2)}\n`;
}

/** Throws an Error with a sentence; nothing that a store holds is believed without being looked at. */
export function decodeShift(text: string): Shift {
  const given = mappingOf(JSON.parse(text), "the document");
  if (given["format"] !== FORMAT) throw new Error(`its format is ${String(given["format"])}, not ${FORMAT}`);
  const plan = readPlan(given["plan"]);
  const stage = stageOf(given["stage"], plan.steps.length);
  const history = given["history"];
  if (!Array.isArray(history)) throw new Error("`history` is no list");
  return {
    plan,
    stage,
    run: wholeOf(given["run"], "run"),
    revision: wholeOf(given["revision"], "revision"),
    history: history.slice(-HISTORY).map(recordOf),
  };
}

function stageOf(value: unknown, steps = Infinity): Stage {
  const { state, step, acknowledged } = mappingOf(value, "`stage`");
  if (state === "planned") return { state };
  const isStep = typeof step === "number" && Number.isInteger(step) && step >= 0 && step < steps;
  if (!isStep) throw new Error(`\`stage.step\` is ${String(step)}`);
  if (state === "running" || state === "paused") return { state, step };
  if (state !== "rolled-back" && state !== "done") throw new Error(`\`stage.state\` is ${String(state)}`);
  return { state, step, acknowledged: acknowledged === true };
}

function recordOf(value: unknown): ShiftRecord {
  const { revision, at, verb, who, why, before, after } = mappingOf(value, "a record of `history`");
  if (!VERBS.has(verb)) throw new Error(`a record of \`history\` has the verb ${String(verb)}`);
  return {
    revision: wholeOf(revision, "revision"),
    at: wholeOf(at, "at"),
    verb: verb as Verb,
    who: String(who),
    why: String(why),
    before: before === undefined ? undefined : snapshotIn(before),
    after: snapshotIn(after),
  };
}

function snapshotIn(value: unknown): Snapshot {
  const { stage, weights } = mappingOf(value, "a snapshot");
  const read = { stage: stageOf(stage) };
  if (weights === undefined) return read;
  const { from, to } = mappingOf(weights, "`weights`");
  if (typeof from !== "number" || typeof to !== "number") throw new Error("`weights` are no numbers");
  return { ...read, weights: { from, to } };
}

function mappingOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what} is no mapping`);
  return value as Readonly<Record<string, unknown>>;
}

function wholeOf(value: unknown, key: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`\`${key}\` is no whole number`);
}
