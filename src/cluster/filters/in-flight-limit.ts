/** Has no more exchanges at a cluster at once than it can take: who comes beyond waits in a bounded line, or is refused. */
import { failures } from "../../base/failure.ts";
import type { SeriesRow } from "../../base/metrics.ts";
import type { Clock } from "../../base/time.ts";
import { note } from "../../http/decisions.ts";
import type { Exchange } from "../../http/exchange.ts";
import { fail, Filter } from "../../http/filter.ts";
import { Counted } from "../cluster-series.ts";
import type { Limit } from "../gradient-limit.ts";
import { type ClusterSlots, Outcome } from "../slots.ts";
import { WaitLine } from "../wait-line.ts";

export interface InFlightParts {
  readonly limit: Limit;
  readonly clock: Clock;
  readonly slots: ClusterSlots;
  readonly row: SeriesRow;
  /** How many wait, and for how long. */
  readonly maxPending: number;
  readonly waitMs: number;
}

/** An exchange counts from here to its end, requeues included. */
export class InFlightLimit extends Filter {
  readonly #parts: InFlightParts;
  #line: WaitLine | undefined;
  #underWay = 0;
  #isAdmitting = false;

  constructor(parts: InFlightParts) {
    super();
    this.#parts = parts;
  }

  get most(): number {
    return this.#parts.limit.most;
  }

  get waiting(): number {
    return this.#line?.size ?? 0;
  }

  override dispatch(x: Exchange): void {
    if (this.waiting === 0 && this.#underWay < this.most) return this.#admit(x);
    const { clock, slots } = this.#parts;
    x.numbers[slots.waitsSince] = clock.now();
    if (this.waiting < this.#parts.limit.mostWaiting && this.#parked(x)) return;
    this.#parts.row.add(Counted.shed);
    fail(this.prev, x, failures["cluster.overloaded"]);
  }

  override finish(x: Exchange): void {
    this.#learn(x);
    this.#underWay--;
    this.prev.finish(x);
    this.#admitWaiting();
  }

  #parked(x: Exchange): boolean {
    const { clock, maxPending: capacity, waitMs } = this.#parts;
    this.#line ??= new WaitLine({ clock, capacity, waitMs, late: failures["cluster.overloaded"] }, this.prev);
    return this.#line.park(x);
  }

  #admit(x: Exchange): void {
    this.#underWay++;
    this.next.dispatch(x);
  }

  /** One that is admitted may end before the call returns: then whoever admits already goes on, and nobody nests. */
  #admitWaiting(): void {
    if (this.#isAdmitting || this.#line === undefined) return;
    this.#isAdmitting = true;
    try {
      while (this.#underWay < this.most) {
        const x = this.#line.take();
        if (x === undefined) return;
        this.#noteWait(x);
        this.#admit(x);
      }
    } finally {
      this.#isAdmitting = false;
    }
  }

  #noteWait(x: Exchange): void {
    const { clock, slots } = this.#parts;
    const at = clock.now();
    const ms = at - (x.numbers[slots.waitsSince] as number);
    note(x, slots.decisions, { at, kind: "waited", by: "limit", because: "as many under way as may be", ms });
  }

  /** What failed at once says nothing of how much the endpoints can take. */
  #learn(x: Exchange): void {
    const { limit, slots, clock } = this.#parts;
    const startedAt = x.numbers[slots.startedAt] as number;
    if (startedAt < 0) return;
    if (x.numbers[slots.outcome] === Outcome.success) limit.learn(x.answeredAt - startedAt, this.#underWay);
    else if (x.failure?.flags.has("timeout") === true) limit.learn(clock.now() - startedAt, this.#underWay);
  }
}
