/** A call to a registry that is not waited for longer than it may take, whatever it does with its signal. */
import { untilAborted } from "../base/guarded.ts";
import type { Clock } from "../base/time.ts";
import { soonAborted } from "./soon-aborted.ts";

export async function timeLimited<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  using limit = soonAborted(clock, ms, signal);
  return await untilAborted(call(limit.signal), limit.signal);
}
