/** The line of those who wait for a connection to one endpoint. */
import { type Failure, failures } from "../base/failure.ts";
import type { Responder } from "../http/exchange.ts";
import type { PoolKit } from "./pool-kit.ts";
import { WaitLine } from "./wait-line.ts";

/** Who has waited that long is not sent to wait elsewhere. */
const notFree: Failure = Object.freeze({
  ...failures["connect.timeout"],
  flags: new Set(["timeout"] as const),
  message: "No connection to an endpoint was free in time.",
});

/** Whoever ends here answers to `back`. */
export function newConnectionLine({ clock, pool }: PoolKit, back: Responder): WaitLine {
  return new WaitLine({ clock, capacity: pool.maxPending, waitMs: pool.waitMs, late: notFree }, back);
}
