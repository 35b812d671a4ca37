/** Tells an endpoint by when its attempt is to be answered: the earlier of that and of the request's own deadline. */
import type { Clock } from "../../base/time.ts";
import type { ClusterSlots } from "../../cluster/slots.ts";
import type { Exchange } from "../../http/exchange.ts";
import { type FieldLine, PlainField } from "../../http/field-line.ts";
import { Filter } from "../../http/filter.ts";
import { showDeadline } from "../deadline.ts";
import { CTX_DEADLINE } from "./context-fields.ts";

const contextDeadline = new PlainField(CTX_DEADLINE);

/** For clusters whose attempts are timed. Each attempt gets a deadline of its own. */
export class AttemptDeadline extends Filter {
  readonly #slot: number;
  readonly #clock: Clock;
  readonly #limitMs: number;
  /** The line of one ms for one deadline of requests: those that come in it have the same. */
  #line: FieldLine;
  #lineOf = "";
  #lineAt = 0;

  constructor(slots: Pick<ClusterSlots, "routeDeadline">, clock: Clock, limitMs: number) {
    super();
    this.#slot = slots.routeDeadline;
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#line = contextDeadline.line("");
  }

  override dispatch(x: Exchange): void {
    const { headers } = x.request;
    const now = this.#clock.wall();
    const whole = (x.values[this.#slot] as string | undefined) ?? headers.get(CTX_DEADLINE) ?? "";
    x.values[this.#slot] = whole;
    headers.remove(CTX_DEADLINE);
    headers.appendLine(this.#lineFor(whole, now));
    this.next.dispatch(x);
  }

  #lineFor(whole: string, now: number): FieldLine {
    if (now !== this.#lineAt || whole !== this.#lineOf) {
      this.#line = contextDeadline.line(nearer(whole, now, now + this.#limitMs));
      this.#lineOf = whole;
      this.#lineAt = now;
    }
    return this.#line;
  }
}

/** The digits of a nanosecond that are below a millisecond. */
const BELOW_MS = 6;

/** As `Deadline.combine`, of a text that is known to be one, or empty, without big numbers. Epoch ms. */
function nearer(whole: string, now: number, own: number): string {
  if (whole === "") return showDeadline(now, own);
  const space = whole.indexOf(" ");
  const [setAt, at] = [whole.slice(0, space), whole.slice(space + 1)];
  const ownAt = `${Math.floor(own)}000000`;
  return `${msOf(setAt) > now ? setAt : `${Math.floor(now)}000000`} ${msOf(at) <= own ? at : ownAt}`;
}

function msOf(nanoseconds: string): number {
  return Number(nanoseconds.slice(0, -BELOW_MS));
}
