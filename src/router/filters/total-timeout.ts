/** Ends an exchange whose answer is not there in time, retries and back-offs included. */
import { type Failure, failure } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import type { RouterSlots } from "../slots.ts";
import { showDuration } from "../show-duration.ts";

/** An exchange on the line, and where it stands there. */
class Entry {
  x: Exchange | undefined;
  readonly dueAt: number;
  next: Entry | undefined;
  constructor(x: Exchange, dueAt: number) {
    this.x = x;
    this.dueAt = dueAt;
  }
}

/**
 * All exchanges of a route have the same limit, so they fall due in the order in which they came: a list with one timer
 * for its head. Who answers in time leaves a hole behind, which the head passes over.
 */
export class TotalTimeout extends Filter implements Disposable {
  readonly #slots: RouterSlots;
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #late: Failure;
  #head: Entry | undefined;
  #tail: Entry | undefined;
  #timer: Disposable | undefined;

  constructor(slots: RouterSlots, clock: Clock, limitMs: number) {
    super();
    this.#slots = slots;
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#late = failure(
      "total.timeout",
      `exceeded ${showDuration(limitMs)} while waiting for a response for the request, including retries (if applicable)`,
    );
  }

  override dispatch(x: Exchange): void {
    const entry = new Entry(x, this.#clock.now() + this.#limitMs);
    x.values[this.#slots.timeout] = entry;
    if (this.#tail === undefined) this.#head = entry;
    else this.#tail.next = entry;
    this.#tail = entry;
    this.#timer ??= this.#clock.timer(this.#limitMs, () => this.#expire());
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
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #leave(x: Exchange): void {
    const entry = x.values[this.#slots.timeout] as Entry | undefined;
    if (entry === undefined) return;
    x.values[this.#slots.timeout] = undefined;
    entry.x = undefined;
    while (this.#head !== undefined && this.#head.x === undefined) this.#head = this.#head.next;
    if (this.#head === undefined) this.#tail = undefined;
  }

  #expire(): void {
    const now = this.#clock.now();
    this.#timer = undefined;
    // Cancelling takes the exchange off the list; one that nobody holds is on its way and answers by itself.
    for (let entry = this.#head; entry !== undefined && entry.dueAt <= now; entry = entry.next) {
      entry.x?.cancel(this.#late);
    }
    while (this.#head !== undefined && (this.#head.x === undefined || this.#head.dueAt <= now)) {
      this.#head = this.#head.next;
    }
    if (this.#head === undefined) this.#tail = undefined;
    else this.#timer ??= this.#clock.timer(Math.max(1, this.#head.dueAt - now), () => this.#expire());
  }
}
