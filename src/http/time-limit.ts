/** A filter that ends an exchange whose answer is not there in time. */
import { type Deadline, DeadlineQueue } from "../base/deadlines.ts";
import type { Failure } from "../base/failure.ts";
import type { Clock } from "../base/time.ts";
import type { Exchange } from "./exchange.ts";
import { Filter } from "./filter.ts";

/** The time runs from `begin`, which a subclass calls, until the head of the answer, or the end without one. */
export abstract class TimeLimit extends Filter implements Disposable {
  readonly #slot: number;
  readonly #queue: DeadlineQueue<Exchange>;

  /** `slot` is a place in `x.values`. An exchange that nobody holds when its time is up answers by itself. */
  constructor(slot: number, limitMs: number, clock: Clock, late: Failure) {
    super();
    this.#slot = slot;
    this.#queue = new DeadlineQueue<Exchange>(limitMs, clock, (x) => {
      x.values[slot] = undefined;
      x.cancel(late);
    });
  }

  override respond(x: Exchange): void {
    this.#end(x);
    this.prev.respond(x);
  }

  override finish(x: Exchange): void {
    this.#end(x);
    this.prev.finish(x);
  }

  /** What is on its way then has no limit any more. */
  [Symbol.dispose](): void {
    this.#queue[Symbol.dispose]();
  }

  /** `now` saves a look at the clock. */
  protected begin(x: Exchange, now?: number): void {
    x.values[this.#slot] = this.#queue.add(x, now);
  }

  #end(x: Exchange): void {
    const deadline = x.values[this.#slot] as Deadline<Exchange> | undefined;
    if (deadline === undefined) return;
    x.values[this.#slot] = undefined;
    this.#queue.remove(deadline, x);
  }
}
