/** Ends an attempt that is not answered in time. */
import { type Deadline, DeadlineQueue } from "../../base/deadlines.ts";
import { failures } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import type { ClusterSlots, Departure } from "../slots.ts";

/** From the moment when the attempt leaves for a connection until the head of its answer. */
export class AttemptTimeout extends Filter implements Departure, Disposable {
  readonly #slot: number;
  readonly #queue: DeadlineQueue<Exchange>;

  constructor(limitMs: number, clock: Clock, slots: ClusterSlots) {
    super();
    this.#slot = slots.deadline;
    this.#queue = new DeadlineQueue<Exchange>(limitMs, clock, (x) => {
      x.values[this.#slot] = undefined;
      x.cancel(failures["attempt.timeout"]);
    });
  }

  departing(x: Exchange): void {
    x.values[this.#slot] = this.#queue.add(x);
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
    this.#queue[Symbol.dispose]();
  }

  #leave(x: Exchange): void {
    const deadline = x.values[this.#slot] as Deadline<Exchange> | undefined;
    if (deadline === undefined) return;
    x.values[this.#slot] = undefined;
    this.#queue.remove(deadline, x);
  }
}
