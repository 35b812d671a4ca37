/** A signal that aborts with another one, or after a time. */
import type { Clock } from "../base/time.ts";

export interface SoonAborted extends Disposable {
  readonly signal: AbortSignal;
}

/** Dispose it when it is not needed any more. */
export function soonAborted(clock: Clock, ms: number, signal: AbortSignal): SoonAborted {
  const limit = new AbortController();
  const timer = clock.timer(ms, () => limit.abort(new Error(`it took more than ${ms} ms`)));
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
