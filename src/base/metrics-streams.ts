/** What an exporter reads of the series of a process, of which there may be a million: each is made while it is read. */
import type { HistogramSnapshot } from "./histogram.ts";
import type { Labels, MetricSpec } from "./metrics.ts";

/** One series at the moment of the scrape: a number, or a histogram's snapshot. */
export type SeriesView =
  | { readonly labels: Labels; readonly value: number }
  | { readonly labels: Labels; readonly histogram: HistogramSnapshot };

/** Everything with one metric's name. */
export interface FamilyView {
  readonly spec: MetricSpec;
  readonly series: readonly SeriesView[];
}

/** The same. Series that come or go while it is read may be missed, or told. */
export interface FamilyStream {
  readonly spec: MetricSpec;
  readonly series: Iterable<SeriesView>;
}

/** In the order of their names, each name once. */
export function joined(streams: Iterable<FamilyStream>): readonly FamilyStream[] {
  const found = new Map<string, { readonly spec: MetricSpec; readonly parts: Iterable<SeriesView>[] }>();
  for (const { spec, series } of streams) {
    const known = found.get(spec.name);
    if (known === undefined) found.set(spec.name, { spec, parts: [series] });
    else known.parts.push(series);
  }
  const all = [...found.values()].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
  return all.map(({ spec, parts }) => ({ spec, series: chained(parts) }));
}

/** Read to the end, without those that have no series. */
export function familiesOf(streams: readonly FamilyStream[]): readonly FamilyView[] {
  const all = streams.map(({ spec, series }) => ({ spec, series: [...series] }));
  return all.filter(({ series }) => series.length > 0);
}

/** Of each item what `of` makes of it, each time that somebody reads it. */
export function mapped<T, R>(items: Iterable<T>, of: (item: T) => R): Iterable<R> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) yield of(item);
    },
  };
}

/** One after the other. */
export function chained<T>(parts: readonly Iterable<T>[]): Iterable<T> {
  return {
    *[Symbol.iterator]() {
      for (const part of parts) yield* part;
    },
  };
}
