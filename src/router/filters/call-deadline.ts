/** Ends a gRPC call at the time that its caller has set, and tells the backend how much of it is left. */
import { failure } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import { TimingWheel, type WheelPlace } from "../../base/timing-wheel.ts";
import type { Exchange } from "../../http/exchange.ts";
import { PlainField } from "../../http/field-line.ts";
import { Filter } from "../../http/filter.ts";
import { showGrpcTimeout } from "../grpc-timeout.ts";
import type { RouterSlots } from "../slots.ts";

export const GRPC_TIMEOUT = "grpc-timeout";
const timeout = new PlainField(GRPC_TIMEOUT);
const late = failure("total.timeout", "The call's deadline, which its caller set, has passed.");

/** The calls of a router that have a deadline; shared by its routes. */
export class CallDeadlines implements Disposable {
  readonly clock: Clock;
  readonly #slots: RouterSlots;
  readonly #wheel: TimingWheel<Exchange>;

  constructor(slots: RouterSlots, clock: Clock) {
    this.#slots = slots;
    this.clock = clock;
    this.#wheel = new TimingWheel<Exchange>(clock, (x) => {
      x.values[slots.callDeadline] = undefined;
      x.cancel(late);
    });
  }

  start(x: Exchange, dueAt: number): void {
    x.values[this.#slots.callDeadline] = this.#wheel.add(x, dueAt);
  }

  end(x: Exchange): void {
    const place = x.values[this.#slots.callDeadline] as WheelPlace<Exchange> | undefined;
    if (place === undefined) return;
    x.values[this.#slots.callDeadline] = undefined;
    this.#wheel.remove(place, x);
  }

  /** What is on its way then has no deadline any more. */
  [Symbol.dispose](): void {
    this.#wheel[Symbol.dispose]();
  }
}

/** A call's deadline holds until its last byte, not only until the head of its answer. */
export class CallDeadline extends Filter {
  readonly #slots: RouterSlots;
  readonly #deadlines: CallDeadlines;

  constructor(slots: RouterSlots, deadlines: CallDeadlines) {
    super();
    this.#slots = slots;
    this.#deadlines = deadlines;
  }

  override dispatch(x: Exchange): void {
    const dueAt = x.numbers[this.#slots.callDueAt] as number;
    if (dueAt > 0) {
      const leftMs = dueAt - this.#deadlines.clock.now();
      const { headers } = x.request;
      headers.remove(GRPC_TIMEOUT);
      headers.appendLine(timeout.line(showGrpcTimeout(leftMs)));
      this.#deadlines.start(x, dueAt);
    }
    this.next.dispatch(x);
  }

  override finish(x: Exchange): void {
    this.#deadlines.end(x);
    this.prev.finish(x);
  }
}
