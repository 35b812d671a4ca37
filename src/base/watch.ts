/** The loop of a watch: attempt, and attempt again with back-off, until it is ended. */
import type { State } from "./state.ts";
import { Backoff, type Clock, type Random, sleep } from "./time.ts";

export interface WatchOptions<T> {
  /**
   * One attempt: connects, reads, and calls `emit` for every snapshot, for as long as it goes well. Rejects when it
   * does not. When it resolves the next attempt begins after `pauseMs`.
   */
  readonly attempt: (emit: (state: State<T>) => void, signal: AbortSignal) => Promise<void>;
  /** Hears what `attempt` emits, and each failure once as `failed`: a Var's `set`. */
  readonly set: (state: State<T>) => void;
  /** Hears failures and successes, such as an `OutageLog`. */
  readonly outage?: { failed(cause: Error): void; succeeded(): void };
  readonly clock: Clock;
  readonly random: Random;
  /** Between two attempts that went well; 0 (the default) where an attempt itself waits for a change. */
  readonly pauseMs?: number;
  /** The first and the longest delay after failures; 100 ms and 30 s unless given. */
  readonly retry?: { readonly minMs: number; readonly maxMs: number };
}

/** Runs until disposed: then the signal of the attempt aborts, and nothing is emitted any more. */
export function watch<T>(options: WatchOptions<T>): Disposable {
  const end = new AbortController();
  void run(options, end.signal);
  return { [Symbol.dispose]: () => end.abort(new Error("the watch has ended")) };
}

async function run<T>(options: WatchOptions<T>, signal: AbortSignal): Promise<void> {
  const { attempt, set, outage, clock, random, pauseMs = 0, retry = { minMs: 100, maxMs: 30_000 } } = options;
  const backoff = new Backoff(retry.minMs, retry.maxMs, random);
  const emit = (state: State<T>): void => {
    if (signal.aborted) return;
    if (state.tag === "ok") {
      backoff.reset();
      outage?.succeeded();
    }
    set(state);
  };
  while (!signal.aborted) {
    let delayMs = pauseMs;
    try {
      await attempt(emit, signal);
    } catch (error) {
      if (signal.aborted) return;
      const cause = error instanceof Error ? error : new Error(String(error));
      outage?.failed(cause);
      set({ tag: "failed", cause });
      delayMs = backoff.next();
    }
    // Even without a pause a turn is given away: an attempt that ends at once must not take the thread for itself.
    if (!(await slept(clock, delayMs, signal))) return;
  }
}

function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(clock, ms, signal).then(
    () => true,
    () => false,
  );
}
