/** Counts the requests of a route: once each, whatever was tried, as the classifier saw them end. */
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import { Counted, type RouteSeries } from "../route-series.ts";
import { type RouterSlots, Verdict } from "../slots.ts";

/** Hears whenever the last exchange of a route has ended. */
export interface IdleListener {
  idle(): void;
}

/** The first filter of its tier, so it also knows how busy the route is, and since when it is not. */
export class RequestStats extends Filter {
  pending = 0;
  requests = 0;
  /** Monotonic ms of the last end of an exchange. */
  idleSince: number;
  readonly #slots: RouterSlots;
  readonly #clock: Clock;
  readonly #series: RouteSeries;
  readonly #listener: IdleListener;

  constructor(slots: RouterSlots, clock: Clock, series: RouteSeries, listener: IdleListener) {
    super();
    this.#slots = slots;
    this.#clock = clock;
    this.#series = series;
    this.#listener = listener;
    this.idleSince = clock.now();
  }

  override dispatch(x: Exchange): void {
    this.pending++;
    this.requests++;
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    this.#series.current.record((x.answeredAt || this.#clock.now()) - x.startedAt);
    this.prev.respond(x);
  }

  override finish(x: Exchange): void {
    const verdict = x.numbers[this.#slots.verdict];
    const { current } = this.#series;
    if (verdict === Verdict.success) current.add(Counted.success);
    else if (verdict === Verdict.ignored) current.add(Counted.interrupted);
    else current.add(Counted.failure);
    this.pending--;
    if (this.pending === 0) this.idleSince = x.endedAt || this.#clock.now();
    // The exchange may be used for another request as soon as it is finished above.
    this.prev.finish(x);
    if (this.pending === 0) this.#listener.idle();
  }
}
