/** Ends requests of one server whose answer is not there in time, and tells endpoints of it as a deadline. */
import { failure } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { TimeLimit } from "../../http/time-limit.ts";
import { Deadline } from "../deadline.ts";
import { showDuration } from "../show-duration.ts";
import type { RouterSlots } from "../slots.ts";

/** Behind whoever reads the deadline that callers send. */
export class ServerTimeout extends TimeLimit {
  readonly #slot: number;
  readonly #clock: Clock;
  readonly #limitMs: number;

  constructor(slots: RouterSlots, clock: Clock, limitMs: number) {
    const what = `exceeded ${showDuration(limitMs)} at the server while waiting for a response for the request`;
    super(slots.serverTimeout, limitMs, clock, failure("total.timeout", what));
    this.#slot = slots.deadline;
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  override dispatch(x: Exchange): void {
    const now = this.#clock.wall();
    const own = Deadline.ofMs(now, now + this.#limitMs);
    const callers = x.values[this.#slot] as Deadline | undefined;
    x.values[this.#slot] = callers === undefined ? own : callers.combine(own);
    this.begin(x);
    this.next.dispatch(x);
  }
}
