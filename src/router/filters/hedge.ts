/** Sends a request that is slow to be answered to a second endpoint too, and takes the answer that comes first. */
import type { Clock } from "../../base/time.ts";
import { TimingWheel, type WheelPlace } from "../../base/timing-wheel.ts";
import { note, noteAttempt } from "../../http/decisions.ts";
import type { Exchange, Layout } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import type { Budget } from "../budget.ts";
import { childOf, HedgeRace } from "../hedge-race.ts";
import type { HedgeParams } from "../params.ts";
import { RecentTimes } from "../recent-times.ts";
import { Counted, type RouteSeries } from "../route-series.ts";
import type { RouterSlots } from "../slots.ts";

/** RFC 9110 §9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** The requests of a router that wait to be hedged; shared by its routes. */
export class HedgeTimers implements Disposable {
  readonly clock: Clock;
  readonly #wheel: TimingWheel<Exchange>;
  readonly #slots: RouterSlots;

  constructor(slots: RouterSlots, clock: Clock) {
    this.clock = clock;
    this.#slots = slots;
    this.#wheel = new TimingWheel<Exchange>(clock, (x) => {
      x.values[slots.hedgeTimer] = undefined;
      (x.values[slots.hedge] as Hedge).due(x);
    });
  }

  start(x: Exchange, hedge: Hedge, dueAt: number): void {
    x.values[this.#slots.hedge] = hedge;
    x.values[this.#slots.hedgeTimer] = this.#wheel.add(x, dueAt);
  }

  end(x: Exchange): void {
    const place = x.values[this.#slots.hedgeTimer] as WheelPlace<Exchange> | undefined;
    if (place === undefined) return;
    x.values[this.#slots.hedgeTimer] = undefined;
    this.#wheel.remove(place, x);
  }

  /** What is on its way then is not hedged any more. */
  [Symbol.dispose](): void {
    this.#wheel[Symbol.dispose]();
  }
}

export interface HedgeParts {
  readonly layout: Layout;
  readonly slots: RouterSlots;
  readonly timers: HedgeTimers;
}

/** Only requests without a body, of methods that may be repeated; each pays into a budget of its own. */
export class Hedge extends Filter {
  readonly #parts: HedgeParts;
  readonly #slots: RouterSlots;
  readonly #budget: Budget;
  readonly #series: RouteSeries;
  readonly #afterMs: number | undefined;
  readonly #times: RecentTimes | undefined;

  constructor(parts: HedgeParts, { after }: HedgeParams, budget: Budget, series: RouteSeries) {
    super();
    this.#parts = parts;
    this.#slots = parts.slots;
    this.#budget = budget;
    this.#series = series;
    this.#afterMs = "ms" in after ? after.ms : undefined;
    this.#times = "ms" in after ? undefined : new RecentTimes(after.share);
  }

  override dispatch(x: Exchange): void {
    const { timers } = this.#parts;
    const now = timers.clock.now();
    this.#budget.deposit(now);
    x.numbers[this.#slots.hedgeSince] = now;
    const afterMs = this.#afterMs ?? this.#times?.value;
    if (afterMs !== undefined && mayHedge(x)) timers.start(x, this, now + afterMs);
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    const race = x.values[this.#slots.race] as HedgeRace | undefined;
    if (race !== undefined) return this.#raceAnswered(race, x);
    this.#parts.timers.end(x);
    if (x.failure === undefined) this.#times?.add(x.answeredAt - (x.numbers[this.#slots.hedgeSince] as number));
    this.prev.respond(x);
  }

  override finish(x: Exchange): void {
    const race = x.values[this.#slots.race] as HedgeRace | undefined;
    if (race !== undefined) return race.finish(x);
    this.#parts.timers.end(x);
    this.prev.finish(x);
  }

  /** It was not answered in time. */
  due(x: Exchange): void {
    const { clock } = this.#parts.timers;
    const now = clock.now();
    const ms = now - (x.numbers[this.#slots.hedgeSince] as number);
    if (!this.#budget.withdraw(now)) {
      note(x, this.#slots.decisions, { at: now, kind: "end", by: "hedge", because: "budget", ms });
      return;
    }
    noteAttempt(x, this.#slots, { at: now, kind: "beside", by: "hedge", because: "slow", ms });
    this.#series.current.add(Counted.hedges);
    const child = childOf(x, this.#parts.layout, this.#slots);
    const race = new HedgeRace(x, child, this.prev, this.#slots);
    this.next.dispatch(race.child);
  }

  #raceAnswered(race: HedgeRace, y: Exchange): void {
    if (y === race.child && y.failure === undefined) this.#series.current.add(Counted.hedgesWon);
    race.respond(y);
  }
}

function mayHedge(x: Exchange): boolean {
  return x.requestBody.length === 0 && x.upgrade === "" && IDEMPOTENT.has(x.request.method);
}
