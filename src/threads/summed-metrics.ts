/** The metrics of a process of several threads: the control thread's own, and the sums of the workers'. */
import { addHistogram, clearHistogram, HISTOGRAM_CELLS, snapshotOf } from "../base/histogram.ts";
import type { Labels, MetricSpec } from "../base/metrics.ts";
import { type FamilyView, labelKey, type MetricsView, type SeriesView } from "../base/metrics-registry.ts";
import type { Clock } from "../base/time.ts";
import type { MetricNews } from "./protocol.ts";
import { cellsAt } from "./shared-slots.ts";

/** How long the counts of a dead worker stay shown, when no other has the series: its replacement continues them. */
const ORPHAN_MS = 600_000;

/** One series of all workers. */
interface Total {
  readonly labels: Labels;
  readonly sources: Set<Float64Array>;
  /** What workers counted that are dead, or closed the series while others have it. */
  readonly before: Float64Array;
  /** Monotonic ms, once the last worker that had it died. */
  orphanedAt: number | undefined;
}

interface Family {
  readonly spec: MetricSpec;
  readonly totals: Map<string, Total>;
}

interface Source {
  readonly family: Family;
  readonly key: string;
  readonly cells: Float64Array;
}

/** What one worker has told. Dispose it when the worker is dead, or before another channel to it takes its place. */
export interface WorkerMetrics extends Disposable {
  /** Returns the ids of series whose slots are not read any more. */
  hear(news: readonly MetricNews[]): readonly number[];
}

export class SummedMetrics implements MetricsView {
  readonly #own: MetricsView;
  readonly #clock: Clock;
  readonly #families = new Map<string, Family>();

  constructor(own: MetricsView, clock: Clock) {
    this.#own = own;
    this.#clock = clock;
  }

  worker(): WorkerMetrics {
    const pages = new Map<number, SharedArrayBuffer>();
    const sources = new Map<number, Source>();
    const hear = (news: readonly MetricNews[]): readonly number[] => {
      // After a reset all there is follows; what was there before and is not told again was closed unheard.
      const before = news[0]?.type === "reset" ? new Map(sources) : new Map<number, Source>();
      for (const each of news) {
        if (each.type === "page") pages.set(each.page, each.cells);
        else if (each.type === "family") this.#family(each.spec);
        else if (each.type === "series" && !before.delete(each.id)) {
          const page = pages.get(each.page);
          if (page !== undefined) sources.set(each.id, this.#add(each.name, each.labels, page, each.at));
        }
      }
      const gone = news.flatMap((each) => (each.type === "gone" ? each.id : []));
      for (const id of new Set([...gone, ...before.keys()])) {
        this.#close(sources.get(id));
        sources.delete(id);
      }
      return gone;
    };
    const died = (): void => {
      for (const source of sources.values()) this.#orphan(source);
      sources.clear();
    };
    return { hear, [Symbol.dispose]: died };
  }

  families(): readonly FamilyView[] {
    this.#sweep();
    const views = new Map(this.#own.families().map((view) => [view.spec.name, view]));
    for (const [name, { spec, totals }] of this.#families) {
      if (totals.size === 0) continue;
      const series = [...totals.values()].map((total) => viewOf(spec, total));
      views.set(name, { spec, series: [...(views.get(name)?.series ?? []), ...series] });
    }
    return [...views.values()].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
  }

  #family(spec: MetricSpec): Family {
    const family = this.#families.get(spec.name) ?? { spec, totals: new Map<string, Total>() };
    this.#families.set(spec.name, family);
    return family;
  }

  #add(name: string, labels: Labels, page: SharedArrayBuffer, at: number): Source {
    const family = this.#families.get(name);
    if (family === undefined) throw new TypeError(`${name} was not declared`);
    const key = labelKey(family.spec, labels);
    const cells = cellsAt(page, at, sizeOf(family.spec));
    const total = family.totals.get(key) ?? newTotal(family.spec, labels);
    family.totals.set(key, total);
    total.sources.add(cells);
    total.orphanedAt = undefined;
    return { family, key, cells };
  }

  /** A worker closed the series; where others have it, its counts stay in the sum. */
  #close(source: Source | undefined): void {
    const total = source?.family.totals.get(source.key);
    if (source === undefined || total === undefined) return;
    total.sources.delete(source.cells);
    if (total.sources.size === 0) source.family.totals.delete(source.key);
    else keep(source.family.spec, total, source.cells);
  }

  /** A worker died with the series open: what it counted happened. */
  #orphan({ family, key, cells }: Source): void {
    const total = family.totals.get(key);
    if (total === undefined) return;
    total.sources.delete(cells);
    keep(family.spec, total, cells);
    if (total.sources.size > 0) return;
    if (family.spec.type === "gauge") family.totals.delete(key);
    else total.orphanedAt = this.#clock.now();
  }

  #sweep(): void {
    const due = this.#clock.now() - ORPHAN_MS;
    for (const { totals } of this.#families.values()) {
      for (const [key, { orphanedAt }] of totals) if (orphanedAt !== undefined && orphanedAt <= due) totals.delete(key);
    }
  }
}

const sizeOf = (spec: MetricSpec): number => (spec.type === "histogram" ? HISTOGRAM_CELLS : 1);

function newTotal(spec: MetricSpec, labels: Labels): Total {
  const before = new Float64Array(sizeOf(spec));
  if (spec.type === "histogram") clearHistogram(before);
  return { labels, sources: new Set(), before, orphanedAt: undefined };
}

/** What a gauge showed is over with whoever showed it. */
function keep(spec: MetricSpec, { before }: Total, cells: Float64Array): void {
  if (spec.type !== "gauge") addCells(spec, before, cells);
}

function addCells(spec: MetricSpec, into: Float64Array, from: Float64Array): void {
  if (spec.type === "histogram") addHistogram(into, from);
  else into[0] = (into[0] as number) + (from[0] as number);
}

function viewOf(spec: MetricSpec, { labels, sources, before }: Total): SeriesView {
  const sum = before.slice();
  for (const cells of sources) addCells(spec, sum, cells);
  return spec.type === "histogram" ? { labels, histogram: snapshotOf(sum) } : { labels, value: sum[0] as number };
}
