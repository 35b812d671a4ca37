/** How long what was withdrawn again and again waits before it is published once more. */
import type { Clock } from "../base/time.ts";

/** What was calm for so long begins anew. */
const CALM_MS = 120_000;
const LONGEST_MS = 120_000;
const CAPACITY = 1_000;

interface Unrest {
  /** Withdrawals within the calm time of each other. */
  times: number;
  lastAt: number;
}

/** One a name. The first return waits for nothing, the second for `settleMs`, each further one twice as long. */
export class Settling {
  readonly #clock: Clock;
  readonly #settleMs: number;
  readonly #unrest = new Map<string, Unrest>();

  constructor(clock: Clock, settleMs: number) {
    this.#clock = clock;
    this.#settleMs = settleMs;
  }

  withdrawn(id: string): void {
    if (this.#settleMs <= 0) return;
    const now = this.#clock.now();
    this.#forgetCalm(now);
    const unrest = this.#unrest.get(id);
    if (!unrest) this.#unrest.set(id, { times: 1, lastAt: now });
    else {
      unrest.times++;
      unrest.lastAt = now;
    }
  }

  /** How long it still has to wait; 0 when it may be published. */
  waitOf(id: string): number {
    const unrest = this.#unrest.get(id);
    if (!unrest || unrest.times < 2) return 0;
    const wholeMs = Math.min(LONGEST_MS, this.#settleMs * 2 ** Math.min(unrest.times - 2, 20));
    return Math.max(0, unrest.lastAt + wholeMs - this.#clock.now());
  }

  #forgetCalm(now: number): void {
    for (const [id, { lastAt, times }] of this.#unrest) {
      const calmMs = CALM_MS + Math.min(LONGEST_MS, this.#settleMs * 2 ** Math.min(times, 20));
      if (now - lastAt > calmMs || this.#unrest.size >= CAPACITY) this.#unrest.delete(id);
    }
  }
}
