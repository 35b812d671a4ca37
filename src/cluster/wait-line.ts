/** A waiting line for exchanges, bounded in number and in time. */
import type { Failure } from "../base/failure.ts";
import type { Clock } from "../base/time.ts";
import type { Exchange, Holder, Responder } from "../http/exchange.ts";
import { fail } from "../http/filter.ts";

export interface WaitLineOptions {
  readonly clock: Clock;
  readonly capacity: number;
  readonly waitMs: number;
  /** What an exchange ends with that waited for `waitMs`. */
  readonly late: Failure;
}

/** First in, first out. Whoever waits here is held by the line: cancelling or abandoning it takes it out. */
export class WaitLine implements Holder {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #waitMs: number;
  readonly #late: Failure;
  readonly #back: Responder;
  /** In order of arrival, with the time at which the wait is over; all wait equally long, so the first is due first. */
  readonly #waiting = new Map<Exchange, number>();
  #timer: Disposable | undefined;

  /** Exchanges that end here answer to `back`. */
  constructor({ clock, capacity, waitMs, late }: WaitLineOptions, back: Responder) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#waitMs = waitMs;
    this.#late = late;
    this.#back = back;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Takes the exchange in, or says `false` when the line is full. */
  park(x: Exchange): boolean {
    if (this.#waiting.size >= this.#capacity) return false;
    x.holder = this;
    this.#waiting.set(x, this.#clock.now() + this.#waitMs);
    this.#timer ??= this.#clock.timer(this.#waitMs, () => this.#expire());
    return true;
  }

  /** The one that waited longest; it is not held any more. */
  take(): Exchange | undefined {
    const first = this.#waiting.keys().next();
    if (first.done === true) return undefined;
    this.#remove(first.value);
    return first.value;
  }

  cancel(x: Exchange, failure: Failure): void {
    if (this.#remove(x)) fail(this.#back, x, failure);
  }

  abandon(x: Exchange): void {
    if (this.#remove(x)) this.#back.finish(x);
  }

  /** Ends the wait of everyone who waits now; who comes back meanwhile waits anew. */
  failAll(failure: Failure): void {
    for (let left = this.#waiting.size; left > 0; left--) {
      const x = this.take();
      if (x) fail(this.#back, x, failure);
    }
  }

  #remove(x: Exchange): boolean {
    if (!this.#waiting.delete(x)) return false;
    x.holder = undefined;
    if (this.#waiting.size === 0) {
      this.#timer?.[Symbol.dispose]();
      this.#timer = undefined;
    }
    return true;
  }

  #expire(): void {
    const now = this.#clock.now();
    for (let left = this.#waiting.size; left > 0; left--) {
      const first = this.#waiting.entries().next();
      if (first.done === true || first.value[1] > now) break;
      this.cancel(first.value[0], this.#late);
    }
    this.#rearm();
  }

  #rearm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const first = this.#waiting.values().next();
    if (first.done === true) return;
    this.#timer = this.#clock.timer(Math.max(0, first.value - this.#clock.now()), () => this.#expire());
  }
}
