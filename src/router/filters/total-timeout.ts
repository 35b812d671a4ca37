/** Ends an exchange whose answer is not there in time, retries and back-offs included. */
import { failure } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { TimeLimit } from "../../http/time-limit.ts";
import type { RouterSlots } from "../slots.ts";
import { showDuration } from "../show-duration.ts";

export class TotalTimeout extends TimeLimit {
  constructor(slots: RouterSlots, clock: Clock, limitMs: number) {
    const what = `exceeded ${showDuration(limitMs)} while waiting for a response for the request`;
    super(slots.timeout, limitMs, clock, failure("total.timeout", `${what}, including retries (if applicable)`));
  }

  override dispatch(x: Exchange): void {
    this.begin(x);
    this.next.dispatch(x);
  }
}
