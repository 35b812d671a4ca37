/** Things done again and again, each at its pace, and what went wrong with them. */
import { letPass } from "../load/wait-until.ts";

export interface Lane {
  readonly name: string;
  /** From the begin of one to that of the next, ms. */
  readonly everyMs: number;
  /** Rejects when it did not go as it should. */
  readonly act: () => Promise<void>;
}

export interface LaneReport {
  readonly name: string;
  readonly done: number;
  readonly wanted: number;
  readonly failures: readonly string[];
}

/** Throws `what` unless it holds. */
export function expect(what: string, holds: boolean): void {
  if (!holds) throw new Error(what);
}

const WITHIN_MS = 20_000;
const FAILURES_KEPT = 20;

/** Runs all lanes side by side for so long; what was begun is finished. */
export function runLanes(lanes: readonly Lane[], forMs: number): Promise<readonly LaneReport[]> {
  return Promise.all(lanes.map((lane) => runLane(lane, forMs)));
}

async function runLane({ name, everyMs, act }: Lane, forMs: number): Promise<LaneReport> {
  const startedAt = performance.now();
  const failures: string[] = [];
  let done = 0;
  for (let next = startedAt; performance.now() - startedAt < forMs;) {
    try {
      await inTime(act());
    } catch (error) {
      const text = `${name}: ${error instanceof Error ? error.message : String(error)}`;
      if (failures.length < FAILURES_KEPT) failures.push(text);
    }
    done++;
    next += everyMs;
    await letPass(Math.max(0, next - performance.now()));
  }
  return { name, done, wanted: Math.floor(forMs / everyMs), failures };
}

async function inTime(work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`took longer than ${WITHIN_MS} ms`)), WITHIN_MS);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
