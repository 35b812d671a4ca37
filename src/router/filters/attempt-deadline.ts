/** Tells an endpoint by when its attempt is to be answered: the earlier of that and of the request's own deadline. */
import type { Clock } from "../../base/time.ts";
import type { ClusterSlots } from "../../cluster/slots.ts";
import type { Exchange } from "../../http/exchange.ts";
import { PlainField } from "../../http/field-line.ts";
import { Filter } from "../../http/filter.ts";
import { Deadline, showDeadline } from "../deadline.ts";
import { CTX_DEADLINE } from "./context-fields.ts";

const contextDeadline = new PlainField(CTX_DEADLINE);

/** For clusters whose attempts are timed. Each attempt gets a deadline of its own. */
export class AttemptDeadline extends Filter {
  readonly #slot: number;
  readonly #clock: Clock;
  readonly #limitMs: number;

  constructor(slots: Pick<ClusterSlots, "routeDeadline">, clock: Clock, limitMs: number) {
    super();
    this.#slot = slots.routeDeadline;
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  override dispatch(x: Exchange): void {
    const { headers } = x.request;
    const now = this.#clock.wall();
    const whole = (x.values[this.#slot] as string | undefined) ?? headers.get(CTX_DEADLINE) ?? "";
    x.values[this.#slot] = whole;
    const read = whole === "" ? undefined : Deadline.read(whole);
    const own = now + this.#limitMs;
    headers.remove(CTX_DEADLINE);
    const text = read === undefined ? showDeadline(now, own) : read.combine(Deadline.ofMs(now, own)).show;
    headers.appendLine(contextDeadline.line(text));
    this.next.dispatch(x);
  }
}
