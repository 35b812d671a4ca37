/** Time and chance as things one is given, so that tests can own them. */

/** Monotonic and wall time. All numbers are milliseconds. */
export interface Clock {
  /** Monotonic; only differences mean something. */
  now(): number;
  /** Since the epoch; for people, headers and files. */
  wall(): number;
  /** Calls `fn` once after `ms`, at once where that time is over, unless disposed before. Never keeps the process alive by itself. */
  timer(ms: number, fn: () => void): Disposable;
}

/** Uniform in [0, 1). */
export interface Random {
  next(): number;
}

class NodeTimer implements Disposable {
  readonly #handle: NodeJS.Timeout;
  constructor(ms: number, fn: () => void) {
    // Node prints a warning of its own for a time that is over.
    // oxlint-disable-next-line no-restricted-globals -- the one place that may
    this.#handle = setTimeout(fn, Math.max(0, ms)).unref();
  }
  [Symbol.dispose](): void {
    clearTimeout(this.#handle);
  }
}

/** Taken once: the global is a property with a getter, which costs as much as reading the clock. */
const monotonic = globalThis.performance;

export const systemClock: Clock = {
  now: () => monotonic.now(),
  wall: () => Date.now(),
  timer: (ms, fn) => new NodeTimer(ms, fn),
};

export const systemRandom: Random = { next: () => Math.random() };

/** Resolves after `ms`, or rejects with the signal's reason. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const timer = clock.timer(ms, () => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    });
    const aborted = (): void => {
      timer[Symbol.dispose]();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/**
 * Exponential back-off with full jitter in the upper half: [d/2, d) with d = base * 2^n, at most `cap`.
 * `reset` after a success.
 */
export class Backoff {
  #failures = 0;
  readonly #baseMs: number;
  readonly #capMs: number;
  readonly #random: Random;
  constructor(baseMs: number, capMs: number, random: Random) {
    this.#baseMs = baseMs;
    this.#capMs = capMs;
    this.#random = random;
  }
  next(): number {
    const ceiling = Math.min(this.#capMs, this.#baseMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return ceiling * (0.5 + this.#random.next() / 2);
  }
  reset(): void {
    this.#failures = 0;
  }
}
