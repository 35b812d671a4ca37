/** Ends an attempt that is not answered in time. */
import { failures } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { TimeLimit } from "../../http/time-limit.ts";
import type { ClusterSlots, Departure } from "../slots.ts";

/** From the moment when the attempt leaves for a connection until the head of its answer. */
export class AttemptTimeout extends TimeLimit implements Departure {
  constructor(limitMs: number, clock: Clock, slots: ClusterSlots) {
    super(slots.deadline, limitMs, clock, failures["attempt.timeout"]);
  }

  departing(x: Exchange, now?: number): void {
    this.begin(x, now);
  }
}
