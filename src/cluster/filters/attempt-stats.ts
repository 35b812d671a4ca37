/** Counts the attempts of a cluster: how they ended, how long they took, how many are under way. */
import type { SeriesRow } from "../../base/metrics.ts";
import type { Clock } from "../../base/time.ts";
import { Filter } from "../../http/filter.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Counted } from "../cluster-series.ts";
import { type ClusterSlots, Outcome } from "../slots.ts";

/** What all clusters of a router share. */
export interface AttemptStatsKit {
  readonly clock: Clock;
  readonly slots: ClusterSlots;
}

export class AttemptStats extends Filter {
  readonly #clock: Clock;
  readonly #slots: ClusterSlots;
  readonly #row: SeriesRow;
  pending = 0;

  constructor({ clock, slots }: AttemptStatsKit, row: SeriesRow) {
    super();
    this.#clock = clock;
    this.#slots = slots;
    this.#row = row;
  }

  override dispatch(x: Exchange): void {
    this.pending++;
    x.numbers[this.#slots.startedAt] = -1;
    x.numbers[this.#slots.outcome] = Outcome.unknown;
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    const startedAt = x.numbers[this.#slots.startedAt] as number;
    if (startedAt >= 0) this.#row.record(this.#answeredAt(x) - startedAt);
    this.prev.respond(x);
  }

  override finish(x: Exchange): void {
    this.pending--;
    const outcome = x.numbers[this.#slots.outcome];
    if (outcome === Outcome.success) this.#row.add(Counted.success);
    else if (outcome === Outcome.failure) this.#row.add(Counted.failure);
    else if (outcome === Outcome.unknown && x.failure?.flags.has("interrupted") === false)
      this.#row.add(Counted.failure);
    else this.#row.add(Counted.interrupted);
    this.prev.finish(x);
  }

  /** The endpoint has read the clock for an answer already. */
  #answeredAt(x: Exchange): number {
    return x.failure === undefined ? x.answeredAt : this.#clock.now();
  }
}
