/** A call to a registry that is not waited for longer than it may take, whatever it does with its signal. */
import { untilAborted } from "../base/guarded.ts";
import type { Clock } from "../base/time.ts";
import { within } from "../base/within.ts";

export function timeLimited<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return within({ clock, ms, signal }, (stop) => untilAborted(call(stop), stop));
}
