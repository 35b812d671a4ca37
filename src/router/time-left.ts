/** How long an exchange may still take, by whichever of its limits is over first. */
import type { Deadline as QueuePlace } from "../base/deadlines.ts";
import type { Clock } from "../base/time.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Deadline } from "./deadline.ts";
import type { RouterSlots } from "./slots.ts";

/** In ms; Infinity where nothing limits it. Not for the warm path. */
export function timeLeft(x: Exchange, slots: RouterSlots, clock: Clock): number {
  const total = x.values[slots.timeout] as QueuePlace<Exchange> | undefined;
  const server = x.values[slots.serverTimeout] as QueuePlace<Exchange> | undefined;
  const callers = x.values[slots.deadline] as Deadline | undefined;
  const callDueAt = x.numbers[slots.callDueAt] as number;
  const dueAt = Math.min(total?.dueAt ?? Infinity, server?.dueAt ?? Infinity, callDueAt > 0 ? callDueAt : Infinity);
  const left = dueAt - clock.now();
  return callers === undefined ? left : Math.min(left, callers.atMs - clock.wall());
}
