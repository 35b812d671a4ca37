/** A bound in time for what would otherwise only end with its owner. */
import type { Clock } from "./time.ts";

export interface TimeBound {
  readonly clock: Clock;
  readonly ms: number;
  /** Ends it earlier. */
  readonly signal: AbortSignal;
  /** What the Error of a late end says. */
  readonly late?: string;
}

export interface SoonAborted extends Disposable {
  readonly signal: AbortSignal;
}

/** A signal that aborts with another one, or after a time. Dispose it when it is not needed any more. */
export function soonAborted({ clock, ms, signal, late = `it took more than ${ms} ms` }: TimeBound): SoonAborted {
  const limit = new AbortController();
  const timer = clock.timer(ms, () => limit.abort(Object.assign(new Error(late), { code: "ETIMEDOUT" })));
  const called = (): void => limit.abort(signal.reason);
  signal.addEventListener("abort", called, { once: true });
  if (signal.aborted) called();
  return {
    signal: limit.signal,
    [Symbol.dispose]: () => {
      timer[Symbol.dispose]();
      signal.removeEventListener("abort", called);
    },
  };
}

/** Runs `work` with such a signal. It is the work that ends, or not: see `untilAborted` for what does not care. */
export async function within<T>(limit: TimeBound, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  limit.signal.throwIfAborted();
  using soon = soonAborted(limit);
  return await work(soon.signal);
}
