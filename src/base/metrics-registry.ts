/** All series of a process, or of one thread of it, in a form that any exporter can read. */
import { LogLinearHistogram } from "./histogram.ts";
import { familiesOf, type FamilyStream, type FamilyView, joined, mapped, type SeriesView } from "./metrics-streams.ts";
import { MetricsTable, type RowNumbers, tableStreams, type TableView } from "./metrics-table.ts";
import type { Counter, Histogram, Labels, MetricSpec, Metrics, SeriesTable, TableSpec } from "./metrics.ts";
import type { Scope } from "./scope.ts";

export type { FamilyView, SeriesView } from "./metrics-streams.ts";

/** What an exporter reads. */
export interface MetricsView {
  /** All families in the order of their names, for who takes one series after the other; some may have none. */
  streams(): readonly FamilyStream[];
  /** Those that are in no table, for who takes tables row by row. */
  singles(): readonly FamilyStream[];
  tables(): readonly TableView[];
}

/** Reads one row of a table, for those who look at few rows often. */
export interface RowReader {
  /** `undefined` while there is no such row. */
  row(spec: TableSpec, labels: Labels, name: string): RowNumbers | undefined;
}

/**
 * A name with the same labels given twice is one series: counters and histograms are shared, gauges are added up. It
 * lives until the last scope that asked for it has closed.
 */
export class MetricsRegistry implements Metrics, MetricsView, RowReader {
  readonly #families = new Map<string, Family>();
  readonly #tables = new Map<string, { readonly table: MetricsTable; users: number }>();

  counter(spec: MetricSpec, labels: Labels, owner: Scope): Counter {
    return this.#series(spec, "counter", labels, owner, () => new CounterSeries(labels));
  }

  histogram(spec: MetricSpec, labels: Labels, owner: Scope): Histogram {
    return this.#series(spec, "histogram", labels, owner, () => new HistogramSeries(labels)).histogram;
  }

  gauge(spec: MetricSpec, labels: Labels, owner: Scope, read: () => number): void {
    const series = this.#series(spec, "gauge", labels, owner, () => new GaugeSeries(labels));
    series.readers = series.readers.concat(read);
    owner.defer(() => void (series.readers = series.readers.filter((each) => each !== read)));
  }

  table(spec: TableSpec, labels: Labels, owner: Scope): SeriesTable {
    const key = tableKey(spec, labels);
    const known = this.#tables.get(key) ?? { table: new MetricsTable(spec, labels), users: 0 };
    this.#tables.set(key, known);
    known.users++;
    owner.defer(() => {
      if (--known.users === 0) this.#tables.delete(key);
    });
    return known.table;
  }

  /** All that there is now, without families that have no series. */
  families(): readonly FamilyView[] {
    return familiesOf(this.streams());
  }

  streams(): readonly FamilyStream[] {
    return joined([...this.singles(), ...this.tables().flatMap(tableStreams)]);
  }

  singles(): readonly FamilyStream[] {
    return Array.from(this.#families.values(), ({ spec, series }) => ({
      spec,
      series: mapped(series, ([, each]) => each.view()),
    }));
  }

  tables(): readonly TableView[] {
    return Array.from(this.#tables.values(), ({ table }) => table);
  }

  row(spec: TableSpec, labels: Labels, name: string): RowNumbers | undefined {
    return this.#tables.get(tableKey(spec, labels))?.table.row(name);
  }

  #series<S extends Series>(
    spec: MetricSpec,
    type: MetricSpec["type"],
    labels: Labels,
    owner: Scope,
    make: () => S,
  ): S {
    const family = this.#family(spec, type);
    const key = labelKey(spec, labels);
    const known = family.series.get(key);
    // The family's type was checked, so what it holds under any key was made by the same `make`.
    const series = (known as S | undefined) ?? make();
    if (!known) family.series.set(key, series);
    series.users++;
    owner.defer(() => this.#release(family, key, series));
    return series;
  }

  #family(spec: MetricSpec, type: MetricSpec["type"]): Family {
    if (spec.type !== type) throw new TypeError(`${spec.name} is a ${spec.type}, not a ${type}`);
    const known = this.#families.get(spec.name);
    if (!known) {
      const family: Family = { spec, series: new Map() };
      this.#families.set(spec.name, family);
      return family;
    }
    const same = known.spec.type === type && known.spec.labels.join() === spec.labels.join();
    if (!same) throw new TypeError(`${spec.name} exists with another type or other labels`);
    return known;
  }

  #release(family: Family, key: string, series: Series): void {
    if (--series.users > 0) return;
    family.series.delete(key);
    if (family.series.size === 0 && this.#families.get(family.spec.name) === family) {
      this.#families.delete(family.spec.name);
    }
  }
}

interface Family {
  readonly spec: MetricSpec;
  readonly series: Map<string, Series>;
}

interface Series {
  users: number;
  view(): SeriesView;
}

class CounterSeries implements Series, Counter {
  users = 0;
  value = 0;
  readonly #labels: Labels;
  constructor(labels: Labels) {
    this.#labels = labels;
  }
  view(): SeriesView {
    return { labels: this.#labels, value: this.value };
  }
}

class HistogramSeries implements Series {
  users = 0;
  readonly histogram = new LogLinearHistogram();
  readonly #labels: Labels;
  constructor(labels: Labels) {
    this.#labels = labels;
  }
  view(): SeriesView {
    return { labels: this.#labels, histogram: this.histogram.snapshot() };
  }
}

class GaugeSeries implements Series {
  users = 0;
  /** Most have one. */
  readers: readonly (() => number)[] = [];
  readonly #labels: Labels;
  constructor(labels: Labels) {
    this.#labels = labels;
  }
  view(): SeriesView {
    let value = 0;
    for (const read of this.readers) value += read();
    return { labels: this.#labels, value };
  }
}

/** Tells tables apart: by what their rows are called, and have, and by their labels. */
export function tableKey({ by, histogram }: TableSpec, labels: Labels): string {
  const shown = Object.keys(labels).map((label) => `${label}=${labels[label]?.length}:${labels[label]}`);
  return [by, histogram.name, ...shown.sort()].join(" ");
}

/** Names one series of a metric: the values in the order of the table, each with its length, so that no two label sets meet in one key. */
export function labelKey(spec: MetricSpec, labels: Labels): string {
  const given = Object.keys(labels);
  if (given.length !== spec.labels.length || !spec.labels.every((label) => labels[label] !== undefined)) {
    throw new TypeError(`${spec.name} has the labels ${spec.labels.join(", ")}, not ${given.join(", ")}`);
  }
  return spec.labels.map((label) => `${labels[label]?.length}:${labels[label]}`).join("");
}
