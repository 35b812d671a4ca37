/** Writes what the backend is told of the route, and what the caller is told of the answer. */
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import { Deadline } from "../deadline.ts";
import { type RouterSlots, Verdict } from "../slots.ts";
import { CTX_DEADLINE, CTX_DTAB } from "./context-fields.ts";

export interface RouteHeadersParts {
  readonly slots: RouterSlots;
  readonly clock: Clock;
  /** The logical name, and the request's own dtab, as they are shown. */
  readonly service: string;
  readonly localDtab: string;
  readonly totalTimeoutMs: number | undefined;
}

/** Their texts are made once for a route. Callers' own fields of these names were taken out at the server. */
export class RouteHeaders extends Filter {
  readonly #parts: RouteHeadersParts;

  constructor(parts: RouteHeadersParts) {
    super();
    this.#parts = parts;
  }

  override dispatch(x: Exchange): void {
    const { service, localDtab } = this.#parts;
    const { headers } = x.request;
    headers.append("l5d-dst-service", service);
    if (localDtab !== "") headers.append(CTX_DTAB, localDtab);
    const deadline = this.#deadline(x);
    if (deadline !== undefined) headers.append(CTX_DEADLINE, deadline.show);
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    if (x.failure === undefined) {
      const good = x.numbers[this.#parts.slots.verdict] !== Verdict.failure;
      x.response.headers.set("l5d-success-class", good ? "1.0" : "0.0");
    }
    this.prev.respond(x);
  }

  #deadline(x: Exchange): Deadline | undefined {
    const { slots, clock, totalTimeoutMs } = this.#parts;
    const callers = x.values[slots.deadline] as Deadline | undefined;
    if (totalTimeoutMs === undefined) return callers;
    const now = clock.wall();
    const ours = Deadline.ofMs(now, now + totalTimeoutMs);
    return callers ? callers.combine(ours) : ours;
  }
}
