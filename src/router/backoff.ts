/** How long a retry waits: always as long, or longer each time, as Linkerd 1 counts it. */
import type { Random } from "../base/time.ts";
import type { BackoffParams } from "./params.ts";

/** `before` is the wait of the retry before this one, 0 for the first. Decorrelated jitter: up to three times that. */
export function nextBackoff(params: BackoffParams, before: number, random: Random): number {
  if (params.kind === "constant") return params.ms;
  if (before === 0) return params.minMs;
  const most = Math.min(params.maxMs, before * 3);
  return Math.min(params.maxMs, params.minMs + random.next() * Math.max(0, most - params.minMs));
}
