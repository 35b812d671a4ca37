/** Requests at a fixed rate that wait for no answer, in a process of their own: `paced-main.ts`. */
import { join } from "node:path";
import { cores, outputOf } from "../measure.ts";
import type { Latencies } from "./outcome.ts";

export type PacedKind = "h1" | "h2" | "grpc";

export interface PacedOptions {
  readonly kind: PacedKind;
  readonly port: number;
  readonly isTls: boolean;
  readonly perSecond: number;
  readonly seconds: number;
  /** That are open from the start; 64 for HTTP/1 and 8 for HTTP/2 if not said. */
  readonly connections?: number;
}

/** As much as a slice leaves behind: a generator that collects garbage meanwhile is late, at the same moments of each slice. */
const ROOM = ["--min-semi-space-size=32", "--max-semi-space-size=32"];

/** Of each slice, and not measured. Faster than most: what the generator compiles while it measures takes its core. */
const WARMUP = { ms: 700, perSecond: 4_000 };

/** How a slice at that rate warms up. */
export const warmupOf = (perSecond: number): { readonly ms: number; readonly perSecond: number } => ({
  ms: WARMUP.ms,
  perSecond: Math.max(WARMUP.perSecond, perSecond),
});

export async function paced(options: PacedOptions): Promise<Latencies> {
  const script = join(import.meta.dirname, "paced-main.ts");
  const command = [process.execPath, ...ROOM, script, JSON.stringify(options)];
  const text = await outputOf(cores.load, command, (options.seconds + 25) * 1_000);
  // JSON knows no NaN, which is what latencies are when nothing was answered.
  return JSON.parse(text, (_, value: unknown) => value ?? Number.NaN) as Latencies;
}

/** The value below which that share of them is; of sorted numbers. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/** Of several slices of one load: all that was done, and the median of each quantile. */
export function merged(slices: readonly Latencies[]): Latencies {
  const sum = (of: (slice: Latencies) => number): number => slices.reduce((total, each) => total + of(each), 0);
  const middle = (of: (slice: Latencies) => number): number => median(slices.map(of));
  return {
    perSecond: middle((each) => each.perSecond),
    done: sum((each) => each.done),
    failed: sum((each) => each.failed),
    p50Ms: middle((each) => each.p50Ms),
    p99Ms: middle((each) => each.p99Ms),
    p999Ms: middle((each) => each.p999Ms),
    lateP99Ms: middle((each) => each.lateP99Ms),
  };
}
