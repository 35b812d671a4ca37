/** Ends an exchange whose answer is not there in time, retries and back-offs included. */
import { type Deadline, DeadlineQueue } from "../../base/deadlines.ts";
import { failure } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import type { RouterSlots } from "../slots.ts";
import { showDuration } from "../show-duration.ts";

/** An exchange that nobody holds when its time is up is on its way, and answers by itself. */
export class TotalTimeout extends Filter implements Disposable {
  readonly #slot: number;
  readonly #queue: DeadlineQueue<Exchange>;

  constructor(slots: RouterSlots, clock: Clock, limitMs: number) {
    super();
    this.#slot = slots.timeout;
    const late = failure(
      "total.timeout",
      `exceeded ${showDuration(limitMs)} while waiting for a response for the request, including retries (if applicable)`,
    );
    this.#queue = new DeadlineQueue<Exchange>(limitMs, clock, (x) => {
      x.values[this.#slot] = undefined;
      x.cancel(late);
    });
  }

  override dispatch(x: Exchange): void {
    x.values[this.#slot] = this.#queue.add(x);
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    this.#leave(x);
    this.prev.respond(x);
  }

  override finish(x: Exchange): void {
    this.#leave(x);
    this.prev.finish(x);
  }

  /** What is on its way then has no limit any more. */
  [Symbol.dispose](): void {
    this.#queue[Symbol.dispose]();
  }

  #leave(x: Exchange): void {
    const deadline = x.values[this.#slot] as Deadline<Exchange> | undefined;
    if (deadline === undefined) return;
    x.values[this.#slot] = undefined;
    this.#queue.remove(deadline, x);
  }
}
