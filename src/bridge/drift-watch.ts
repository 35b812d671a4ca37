/** How far a running mirror's targets are from its source, for the metrics and the admin port. */
import type { MetricSpec, Metrics } from "../base/metrics.ts";
import { Scope } from "../base/scope.ts";
import type { Clock } from "../base/time.ts";
import { DriftBook, type Drift } from "./drift-book.ts";
import { type ComparedName, DRIFT_CLASSES } from "./drift.ts";

/** What is not the same for longer has drifted. */
export const DRIFT_OBJECTIVE_MS = 5_000;

export const driftGauge: MetricSpec = {
  name: "linkspan_drift_instances",
  type: "gauge",
  help: "Instances of a mirror by how source and target agree on them: `same`, `lag` (other for less than 5 s), `missing`, `ghost`, `different`, `dual` (registered at the target by itself, too). Counted by who leads, when somebody asks.",
  labels: ["mirror", "class"],
};

export interface DriftWatchParts {
  readonly mirror: string;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly compared: () => readonly ComparedName[];
}

/** Looks when it is asked: the age of a difference counts from the first look that saw it. */
export class DriftWatch implements AsyncDisposable {
  readonly #scope = new Scope();
  readonly #book: DriftBook;
  readonly #compared: () => readonly ComparedName[];
  #last: Drift | undefined;

  constructor({ mirror, metrics, clock, compared }: DriftWatchParts) {
    this.#book = new DriftBook(clock, DRIFT_OBJECTIVE_MS);
    this.#compared = compared;
    for (const each of DRIFT_CLASSES) {
      metrics.gauge(driftGauge, { mirror, class: each }, this.#scope, () => this.drift.counts[each]);
    }
  }

  /** Made once a turn: a scrape reads all gauges in one. */
  get drift(): Drift {
    if (this.#last === undefined) queueMicrotask(() => (this.#last = undefined));
    return (this.#last ??= this.#book.look(this.#compared()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}
