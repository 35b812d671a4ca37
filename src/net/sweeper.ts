/** One timer for the deadlines of all connections, which are met to within a tick. */
import type { Clock } from "../base/time.ts";

/** Something with a deadline of its own. */
export interface Swept {
  /** `now` is monotonic ms. Called once a tick. */
  check(now: number): void;
}

export const TICK_MS = 250;

/** Runs its timer only while there is something to look at. */
export class Sweeper implements Disposable {
  readonly #clock: Clock;
  readonly #swept = new Set<Swept>();
  #timer: Disposable | undefined;
  #now: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#now = clock.now();
  }

  /** Monotonic ms of the last tick: cheap, and late by a tick at most while something is swept. */
  get now(): number {
    return this.#now;
  }

  add(swept: Swept): void {
    this.#swept.add(swept);
    if (this.#timer) return;
    this.#now = this.#clock.now();
    this.#arm();
  }

  remove(swept: Swept): void {
    this.#swept.delete(swept);
  }

  #arm(): void {
    this.#timer = this.#clock.timer(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    this.#timer = undefined;
    this.#now = this.#clock.now();
    for (const swept of this.#swept) swept.check(this.#now);
    if (this.#swept.size > 0) this.#arm();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#swept.clear();
  }
}
