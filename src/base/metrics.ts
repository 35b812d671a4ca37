/** Counters, gauges and histograms as numbers in fields, in a registry that a scrape reads. */
import type { Scope } from "./scope.ts";

export type Labels = Readonly<Record<string, string>>;

/** One row of the table of metrics: what a series is called and means. Names are Prometheus names in base units. */
export interface MetricSpec {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
}

/** Held in a field and added to on the way: `this.#requests.value++`. */
export interface Counter {
  value: number;
}

/** A log-linear histogram of milliseconds; `record` costs nanoseconds and allocates nothing. */
export interface Histogram {
  record(ms: number): void;
}

/** A series belongs to the scope it was made in, and goes when that closes. */
export interface Metrics {
  counter(spec: MetricSpec, labels: Labels, owner: Scope): Counter;
  histogram(spec: MetricSpec, labels: Labels, owner: Scope): Histogram;
  /** `read` is called at scrape. */
  gauge(spec: MetricSpec, labels: Labels, owner: Scope, read: () => number): void;
}
