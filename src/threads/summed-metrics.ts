/** The metrics of a process of several threads: the control thread's own, and the sums of the workers'. */
import { addedUp, emptySnapshot, type HistogramSnapshot } from "../base/histogram.ts";
import type { Labels, MetricSpec, TableSpec } from "../base/metrics.ts";
import { type RowNumbers, tableStreams, type TableView } from "../base/metrics-table.ts";
import { labelKey, type MetricsView, type RowReader, tableKey } from "../base/metrics-registry.ts";
import {
  familiesOf,
  type FamilyStream,
  type FamilyView,
  joined,
  mapped,
  type SeriesView,
} from "../base/metrics-streams.ts";
import type { Clock } from "../base/time.ts";
import type { MetricNews } from "./protocol.ts";
import { readHistogram } from "./shared-histogram.ts";
import { cellOf, pageOf, placeOf } from "./shared-slots.ts";
import { type RowSource, SummedTable } from "./summed-table.ts";

/** How long the counts of a dead worker stay shown, when no other has the series: its replacement continues them. */
const ORPHAN_MS = 600_000;

/** One series of all workers. */
interface Total {
  readonly labels: Labels;
  readonly sources: Set<Source>;
  /** What workers counted that are dead, or closed the series while others have it. */
  before: Numbers;
  /** Monotonic ms, once the last worker that had it died. */
  orphanedAt: number | undefined;
}

interface Numbers {
  readonly value: number;
  readonly histogram: HistogramSnapshot;
}

interface Family {
  readonly spec: MetricSpec;
  readonly totals: Map<string, Total>;
}

interface Source {
  readonly family: Family;
  readonly key: string;
  readonly pages: readonly Float64Array[];
  readonly place: number;
}

/** What one worker has told. Dispose it when the worker is dead, or before another channel to it takes its place. */
export interface WorkerMetrics extends Disposable {
  /** Returns the ids of series whose slots are not read any more. */
  hear(news: readonly MetricNews[]): readonly number[];
}

export class SummedMetrics implements MetricsView, RowReader {
  readonly #own: Pick<MetricsView, "singles" | "tables">;
  readonly #clock: Clock;
  readonly #families = new Map<string, Family>();
  readonly #tables = new Map<string, SummedTable>();

  constructor(own: Pick<MetricsView, "singles" | "tables">, clock: Clock) {
    this.#own = own;
    this.#clock = clock;
  }

  worker(): WorkerMetrics {
    const pages: Float64Array[] = [];
    const tables = new Map<number, SummedTable>();
    const sources = new Map<number, Source | RowSource>();
    const hear = (news: readonly MetricNews[]): readonly number[] => {
      // After a reset all there is follows; what was there before and is not told again was closed unheard.
      const before = news[0]?.type === "reset" ? new Map(sources) : new Map<number, Source | RowSource>();
      for (const each of news) {
        if (each.type === "page") pages[each.page] = new Float64Array(each.cells);
        else if (each.type === "family") this.#family(each.spec);
        else if (each.type === "table") tables.set(each.id, this.#table(each.spec, each.labels));
        else if (each.type === "series" && !before.delete(each.id)) {
          sources.set(each.id, this.#add(each.name, each.labels, pages, placeOf(each.page, each.at)));
        } else if (each.type === "row" && !before.delete(each.id)) {
          sources.set(each.id, addRow(tables.get(each.table), each.name, pages, each.place));
        }
      }
      const gone = news.flatMap((each) => (each.type === "gone" ? each.id : []));
      for (const id of new Set([...gone, ...before.keys()])) {
        this.#close(sources.get(id));
        sources.delete(id);
        tables.delete(id);
      }
      return gone;
    };
    const died = (): void => {
      for (const source of sources.values()) this.#orphan(source);
      sources.clear();
    };
    return { hear, [Symbol.dispose]: died };
  }

  /** All that there is now, without families that have no series. */
  families(): readonly FamilyView[] {
    return familiesOf(this.streams());
  }

  streams(): readonly FamilyStream[] {
    return joined([...this.singles(), ...this.tables().flatMap(tableStreams)]);
  }

  singles(): readonly FamilyStream[] {
    this.#sweep();
    const workers = Array.from(this.#families.values(), ({ spec, totals }) => ({
      spec,
      series: mapped(totals, ([, total]) => viewOf(spec, total)),
    }));
    return joined([...this.#own.singles(), ...workers]);
  }

  tables(): readonly TableView[] {
    this.#sweep();
    return [...this.#own.tables(), ...this.#tables.values()];
  }

  /** Of the workers. */
  row(spec: TableSpec, labels: Labels, name: string): RowNumbers | undefined {
    return this.#tables.get(tableKey(spec, labels))?.row(name);
  }

  #family(spec: MetricSpec): Family {
    const family = this.#families.get(spec.name) ?? { spec, totals: new Map<string, Total>() };
    this.#families.set(spec.name, family);
    return family;
  }

  #table(spec: TableSpec, labels: Labels): SummedTable {
    const key = tableKey(spec, labels);
    const table = this.#tables.get(key) ?? new SummedTable(spec, labels);
    this.#tables.set(key, table);
    return table;
  }

  #add(name: string, labels: Labels, pages: readonly Float64Array[], place: number): Source {
    const family = this.#families.get(name);
    if (family === undefined) throw new TypeError(`${name} was not declared`);
    const key = labelKey(family.spec, labels);
    const source: Source = { family, key, pages, place };
    const total = family.totals.get(key) ?? newTotal(labels);
    family.totals.set(key, total);
    total.sources.add(source);
    total.orphanedAt = undefined;
    return source;
  }

  /** A worker closed the series; where others have it, its counts stay in the sum. */
  #close(source: Source | RowSource | undefined): void {
    if (source === undefined) return;
    if ("table" in source) return source.table.close(source);
    const total = source.family.totals.get(source.key);
    if (total === undefined) return;
    total.sources.delete(source);
    if (total.sources.size === 0) source.family.totals.delete(source.key);
    else keep(total, source);
  }

  /** A worker died with the series open: what it counted happened. */
  #orphan(source: Source | RowSource): void {
    if ("table" in source) return source.table.orphan(source, this.#clock.now());
    const { family, key } = source;
    const total = family.totals.get(key);
    if (total === undefined) return;
    total.sources.delete(source);
    keep(total, source);
    if (total.sources.size > 0) return;
    if (family.spec.type === "gauge") family.totals.delete(key);
    else total.orphanedAt = this.#clock.now();
  }

  #sweep(): void {
    const due = this.#clock.now() - ORPHAN_MS;
    for (const { totals } of this.#families.values()) {
      for (const [key, { orphanedAt }] of totals) if (orphanedAt !== undefined && orphanedAt <= due) totals.delete(key);
    }
    for (const table of this.#tables.values()) table.sweep(due);
  }
}

const nothing: Numbers = { value: 0, histogram: emptySnapshot };

function newTotal(labels: Labels): Total {
  return { labels, sources: new Set(), before: nothing, orphanedAt: undefined };
}

function addRow(
  table: SummedTable | undefined,
  name: string,
  pages: readonly Float64Array[],
  place: number,
): RowSource {
  if (table === undefined) throw new TypeError(`the table of ${name} was not declared`);
  const source: RowSource = { table, name, pages, place };
  table.add(source);
  return source;
}

/** What a gauge showed is over with whoever showed it. */
function keep(total: Total, source: Source): void {
  if (source.family.spec.type !== "gauge") total.before = added(total.before, source);
}

function added(sum: Numbers, { family, pages, place }: Source): Numbers {
  if (family.spec.type === "histogram") {
    return { value: 0, histogram: addedUp(sum.histogram, readHistogram(pages, place)) };
  }
  return { value: sum.value + (pages[pageOf(place)]?.[cellOf(place)] ?? 0), histogram: emptySnapshot };
}

function viewOf(spec: MetricSpec, { labels, sources, before }: Total): SeriesView {
  let sum = before;
  for (const source of sources) sum = added(sum, source);
  return spec.type === "histogram" ? { labels, histogram: sum.histogram } : { labels, value: sum.value };
}
