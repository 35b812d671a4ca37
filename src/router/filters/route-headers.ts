/** Writes what the backend is told of the route, and what the caller is told of the answer. */
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { fieldLine, type FieldLine, PlainField } from "../../http/field-line.ts";
import { Filter } from "../../http/filter.ts";
import { Deadline, showDeadline } from "../deadline.ts";
import { type RouterSlots, Verdict } from "../slots.ts";
import { tellClass } from "../success-class.ts";
import { CTX_DEADLINE, CTX_DTAB } from "./context-fields.ts";

export interface RouteHeadersParts {
  readonly slots: RouterSlots;
  readonly clock: Clock;
  /** The logical name, and the request's own dtab, as they are shown. */
  readonly service: string;
  readonly localDtab: string;
  readonly totalTimeoutMs: number | undefined;
}

const contextDeadline = new PlainField(CTX_DEADLINE);

/** Their texts are made once for a route. Callers' own fields of these names were taken out at the server. */
export class RouteHeaders extends Filter {
  readonly #slots: RouterSlots;
  readonly #clock: Clock;
  readonly #totalTimeoutMs: number | undefined;
  readonly #service: FieldLine;
  readonly #localDtab: FieldLine | undefined;
  /** The deadline that all requests of one millisecond get, and the epoch ms it was made at. */
  #deadline: FieldLine | undefined = undefined;
  #deadlineMadeAt = -1;

  constructor(parts: RouteHeadersParts) {
    super();
    this.#slots = parts.slots;
    this.#clock = parts.clock;
    this.#totalTimeoutMs = parts.totalTimeoutMs;
    this.#service = fieldLine("l5d-dst-service", parts.service);
    this.#localDtab = parts.localDtab === "" ? undefined : fieldLine(CTX_DTAB, parts.localDtab);
  }

  override dispatch(x: Exchange): void {
    const { headers } = x.request;
    headers.appendLine(this.#service);
    if (this.#localDtab !== undefined) headers.appendLine(this.#localDtab);
    const deadline = this.#deadlineOf(x);
    if (deadline !== undefined) headers.appendLine(deadline);
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    // What is not known yet is told in the trailers.
    const verdict = x.numbers[this.#slots.verdict] as number;
    if (x.failure === undefined && verdict !== Verdict.unknown) tellClass(x.response.headers, verdict);
    this.prev.respond(x);
  }

  #deadlineOf(x: Exchange): FieldLine | undefined {
    const callers = x.values[this.#slots.deadline] as Deadline | undefined;
    const totalTimeoutMs = this.#totalTimeoutMs;
    if (totalTimeoutMs === undefined) return callers && contextDeadline.line(callers.show);
    const now = this.#clock.wall();
    if (callers) return contextDeadline.line(callers.combine(Deadline.ofMs(now, now + totalTimeoutMs)).show);
    if (this.#deadline === undefined || this.#deadlineMadeAt !== now) {
      this.#deadline = contextDeadline.line(showDeadline(now, now + totalTimeoutMs));
      this.#deadlineMadeAt = now;
    }
    return this.#deadline;
  }
}
