/** Ends an attempt that is not answered in time. */
import { failures } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import type { ClusterSlots, Departure } from "../slots.ts";

/**
 * From the moment when the attempt leaves for a connection until the head of its answer. All attempts have the same
 * time, so they are due in the order in which they left: a list through the exchanges themselves, and one timer.
 */
export class AttemptTimeout extends Filter implements Departure, Disposable {
  readonly #limitMs: number;
  readonly #clock: Clock;
  readonly #slots: ClusterSlots;
  #first: Exchange | undefined;
  #last: Exchange | undefined;
  #timer: Disposable | undefined;

  constructor(limitMs: number, clock: Clock, slots: ClusterSlots) {
    super();
    this.#limitMs = limitMs;
    this.#clock = clock;
    this.#slots = slots;
  }

  departing(x: Exchange): void {
    const { dueAt, dueBefore } = this.#slots;
    x.numbers[dueAt] = this.#clock.now() + this.#limitMs;
    x.values[dueBefore] = this.#last;
    if (this.#last === undefined) this.#first = x;
    else this.#last.values[this.#slots.dueAfter] = x;
    this.#last = x;
    if (this.#timer === undefined) this.#arm(this.#limitMs);
  }

  override respond(x: Exchange): void {
    this.#leave(x);
    this.prev.respond(x);
  }

  override finish(x: Exchange): void {
    this.#leave(x);
    this.prev.finish(x);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #leave(x: Exchange): void {
    const { dueAt, dueBefore, dueAfter } = this.#slots;
    if (x.numbers[dueAt] === 0) return;
    x.numbers[dueAt] = 0;
    const before = x.values[dueBefore] as Exchange | undefined;
    const after = x.values[dueAfter] as Exchange | undefined;
    if (before === undefined) this.#first = after;
    else before.values[dueAfter] = after;
    if (after === undefined) this.#last = before;
    else after.values[dueBefore] = before;
    x.values[dueBefore] = undefined;
    x.values[dueAfter] = undefined;
  }

  #arm(ms: number): void {
    this.#timer = this.#clock.timer(ms, () => this.#expire());
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (let x = this.#first; x !== undefined && this.#isDue(x, now); x = this.#first) {
      this.#leave(x);
      x.cancel(failures["attempt.timeout"]);
    }
    if (this.#first === undefined || this.#timer !== undefined) return;
    this.#arm(Math.max(1, (this.#first.numbers[this.#slots.dueAt] as number) - this.#clock.now()));
  }

  #isDue(x: Exchange, now: number): boolean {
    return (x.numbers[this.#slots.dueAt] as number) <= now;
  }
}
