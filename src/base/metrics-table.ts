/** The series of things of which there are thousands: one row for each of them, with a name and a few numbers. */
import { type HistogramSnapshot, LogLinearHistogram } from "./histogram.ts";
import { type FamilyStream, mapped, type SeriesView } from "./metrics-streams.ts";
import type { Column, GaugeSource, Labels, MetricSpec, SeriesRow, SeriesTable, TableSpec } from "./metrics.ts";

/** What a scrape reads of a row. */
export interface RowNumbers {
  count(column: number): number;
  /** `undefined` where nobody says what the gauges show. */
  gauge(column: number): number | undefined;
  times(): HistogramSnapshot;
}

/** Throws a TypeError where a column does not fit its place, or its labels the spec. */
export function checkTable(spec: TableSpec, labels: Labels): void {
  const common = [...Object.keys(labels), spec.by];
  const check = ({ spec: metric, labels: own = {} }: Column, type: MetricSpec["type"]): void => {
    if (metric.type !== type) throw new TypeError(`${metric.name} is a ${metric.type}, not a ${type}`);
    const given = [...common, ...Object.keys(own)];
    const fits = given.length === metric.labels.length && given.every((each) => metric.labels.includes(each));
    if (!fits)
      throw new TypeError(`${metric.name} has the labels ${metric.labels.join(", ")}, not ${given.join(", ")}`);
  };
  for (const column of spec.counters) check(column, "counter");
  for (const column of spec.gauges) check(column, "gauge");
  check({ spec: spec.histogram }, "histogram");
}

/** A table row by row, for who wants all of one thing together. Rows that come or go while it is read may be missed, or told. */
export interface TableView {
  readonly spec: TableSpec;
  /** Of all rows. */
  readonly labels: Labels;
  readonly rows: Iterable<readonly [name: string, row: RowNumbers]>;
}

/** A column of numbers. */
export interface NumberColumn extends Column {
  /** `undefined` where it is not shown. */
  readonly of: (row: RowNumbers) => number | undefined;
}

/** All but the histogram. */
export function numberColumns({ counters, gauges }: TableSpec): readonly NumberColumn[] {
  const counted = counters.map((counter, at): NumberColumn => {
    const isShown = (value: number): boolean => value > 0 || counter.isRare !== true;
    return { ...counter, of: (row) => (isShown(row.count(at)) ? row.count(at) : undefined) };
  });
  return [...counted, ...gauges.map((gauge, at): NumberColumn => ({ ...gauge, of: (row) => row.gauge(at) }))];
}

/** Every series of a table, metric by metric. */
export function tableStreams({ spec: table, labels: common, rows }: TableView): readonly FamilyStream[] {
  const { by, histogram } = table;
  const columns = new Map<MetricSpec, NumberColumn[]>();
  for (const column of numberColumns(table)) columns.set(column.spec, [...(columns.get(column.spec) ?? []), column]);
  return [
    ...Array.from(columns, ([spec, shown]) => ({
      spec,
      series: { [Symbol.iterator]: () => numbersOf(rows, shown, (name) => ({ ...common, [by]: name })) },
    })),
    {
      spec: histogram,
      series: mapped(rows, ([name, row]) => ({ labels: { ...common, [by]: name }, histogram: row.times() })),
    },
  ];
}

function* numbersOf(
  rows: Iterable<readonly [string, RowNumbers]>,
  columns: readonly NumberColumn[],
  labelsOf: (name: string) => Labels,
): Generator<SeriesView> {
  for (const [name, row] of rows) {
    for (const { labels = {}, of } of columns) {
      const value = of(row);
      if (value !== undefined) yield { labels: { ...labelsOf(name), ...labels }, value };
    }
  }
}

/** A table in the memory of this thread. */
export class MetricsTable implements SeriesTable, TableView {
  readonly spec: TableSpec;
  readonly labels: Labels;
  readonly #rows = new Map<string, Row>();

  constructor(spec: TableSpec, labels: Labels) {
    checkTable(spec, labels);
    this.spec = spec;
    this.labels = labels;
  }

  open(name: string, gauges?: GaugeSource): SeriesRow {
    const row = this.#rows.get(name) ?? new Row(this.#rows, name, this.spec.counters.length);
    this.#rows.set(name, row);
    row.join(gauges);
    return row;
  }

  row(name: string): RowNumbers | undefined {
    return this.#rows.get(name);
  }

  get rows(): Iterable<readonly [string, RowNumbers]> {
    return this.#rows;
  }
}

/** Who has opened a row, and what its gauges show. Nearly all rows have one who did. */
export class RowUsers {
  #users = 0;
  #sources: GaugeSource | readonly GaugeSource[] | undefined;

  join(gauges: GaugeSource | undefined): void {
    this.#users++;
    if (gauges === undefined) return;
    this.#sources = this.#sources === undefined ? gauges : [...this.#all(), gauges];
  }

  /** True when nobody is left. */
  leave(gauges: GaugeSource | undefined): boolean {
    const left = this.#all().filter((each) => each !== gauges);
    this.#sources = left.length > 1 ? left : left[0];
    return --this.#users === 0;
  }

  gauge(column: number): number | undefined {
    const sources = this.#sources;
    if (sources === undefined) return undefined;
    return this.#all().reduce((sum, each) => sum + each.gauge(column), 0);
  }

  #all(): readonly GaugeSource[] {
    const sources = this.#sources;
    if (sources === undefined) return [];
    return "gauge" in sources ? [sources] : sources;
  }
}

class Row extends RowUsers implements SeriesRow, RowNumbers {
  readonly #rows: Map<string, Row>;
  readonly #name: string;
  readonly #counts: number[];
  readonly #times = new LogLinearHistogram();

  constructor(rows: Map<string, Row>, name: string, counters: number) {
    super();
    this.#rows = rows;
    this.#name = name;
    this.#counts = zeros(counters);
  }

  add(column: number): void {
    (this.#counts[column] as number)++;
  }

  grow(column: number, by: number): void {
    (this.#counts[column] as number) += by;
  }

  count(column: number): number {
    return this.#counts[column] as number;
  }

  record(ms: number): void {
    this.#times.record(ms);
  }

  times(): HistogramSnapshot {
    return this.#times.snapshot();
  }

  close(gauges?: GaugeSource): void {
    if (this.leave(gauges) && this.#rows.get(this.#name) === this) this.#rows.delete(this.#name);
  }
}

/** Of exactly that length. */
function zeros(length: number): number[] {
  return Array.from({ length }, () => 0);
}
