/** A bound in time for what would otherwise only end with its owner. */
import type { Clock } from "linkspan/plugin";

/** Runs `work` with a signal that aborts with `signal`, or after `ms` with an Error that says `late`. */
export async function within<T>(
  { clock, ms, late, signal }: { clock: Clock; ms: number; late: string; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const end = new AbortController();
  const stop = (): void => end.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const timer = clock.timer(ms, () => end.abort(Object.assign(new Error(late), { code: "ETIMEDOUT" })));
  try {
    return await work(end.signal);
  } finally {
    timer[Symbol.dispose]();
    signal.removeEventListener("abort", stop);
  }
}
