/** When the operator asked a process to end, and when to end it at once. */
import type { Clock } from "./base/time.ts";

/**
 * What starts a process may send on a signal that the process got already: `timeout` signals its child and then the
 * group that both are in, and a terminal's Ctrl-C reaches npm and what npm runs. Two of one moment are one order.
 */
const ECHO_MS = 500;

export interface EndOrders {
  /** The first signal: end after the requests. */
  gently(): void;
  /** Another one, after whatever could be an echo of the first: end now. */
  now(): void;
}

/** Contract: a handler for every signal that means "end"; what follows the first within half a second is its echo. */
export function endSignals(clock: Clock, orders: EndOrders): () => void {
  let firstAt: number | undefined;
  return () => {
    const at = clock.now();
    if (firstAt === undefined) {
      firstAt = at;
      orders.gently();
    } else if (at - firstAt >= ECHO_MS) orders.now();
  };
}
