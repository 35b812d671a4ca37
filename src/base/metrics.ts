/** Counters, gauges and histograms as numbers in fields, in a registry that a scrape reads. */
import type { Histogram, HistogramSnapshot } from "./histogram.ts";
import type { Scope } from "./scope.ts";

export type { Histogram } from "./histogram.ts";

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

/** A metric that everything in a table has, under the table's labels, that of the row, and these. */
export interface Column {
  readonly spec: MetricSpec;
  readonly labels?: Labels;
  /** A counter that stays at 0 for most: its series begins with the first event. */
  readonly isRare?: boolean;
}

/** What a table has of each of many things that are told apart by one label, such as the services of a router. */
export interface TableSpec {
  /** The label that tells rows apart. */
  readonly by: string;
  readonly counters: readonly Column[];
  readonly gauges: readonly Column[];
  readonly histogram: MetricSpec;
}

/** Says at a scrape what the gauges of a row show: one object for all of them. */
export interface GaugeSource {
  /** `column` counts the table's gauges from 0. */
  gauge(column: number): number;
}

/** All series of one thing, in as few objects as they fit in. `column` counts the table's counters from 0. */
export interface SeriesRow {
  /** One more in a counter. */
  add(column: number): void;
  /** So many more; not for the way of every request. */
  grow(column: number, by: number): void;
  count(column: number): number;
  record(ms: number): void;
  /** What was recorded until now. */
  times(): HistogramSnapshot;
  /** Whoever opened it closes it, with the same `gauges`; the last one takes the series with it. */
  close(gauges?: GaugeSource): void;
}

export interface SeriesTable {
  /** The row of that name; who opens a name that is open shares its row, and their gauges are added up. */
  open(name: string, gauges?: GaugeSource): SeriesRow;
}

/** A series belongs to the scope it was made in, and goes when that closes. */
export interface Metrics {
  counter(spec: MetricSpec, labels: Labels, owner: Scope): Counter;
  histogram(spec: MetricSpec, labels: Labels, owner: Scope): Histogram;
  /** `read` is called at scrape. */
  gauge(spec: MetricSpec, labels: Labels, owner: Scope, read: () => number): void;
  /** For what there are thousands of. A table that is asked for twice is one; it shows the rows that are open. */
  table(spec: TableSpec, labels: Labels, owner: Scope): SeriesTable;
}
