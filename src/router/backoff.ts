/** How long a retry waits: always as long, or longer each time, as Linkerd 1 counts it. */
import type { Random } from "../base/time.ts";
import type { BackoffParams } from "./params.ts";

/**
 * `before` is the wait of the retry before this one; undefined for the first. With jitter between that and three times
 * that, so that a wait is never shorter than the one before it.
 */
export function nextBackoff(params: BackoffParams, before: number | undefined, random: Random): number {
  if (params.kind === "constant") return params.ms;
  if (before === undefined) return params.minMs;
  const most = Math.min(params.maxMs, before * 3);
  return before + random.next() * Math.max(0, most - before);
}
