/** A table of series of all workers: of each row the sums, and what dead workers counted. */
import { addedUp, emptySnapshot, type HistogramSnapshot } from "../base/histogram.ts";
import type { RowNumbers, TableView } from "../base/metrics-table.ts";
import type { Labels, TableSpec } from "../base/metrics.ts";
import { readHistogram } from "./shared-histogram.ts";
import { cellOf, pageOf } from "./shared-slots.ts";
import { histogramAt } from "./shared-table.ts";

/** A row of one worker. */
export interface RowSource {
  readonly table: SummedTable;
  readonly name: string;
  /** Of that worker. */
  readonly pages: readonly Float64Array[];
  readonly place: number;
}

export class SummedTable implements TableView {
  readonly spec: TableSpec;
  readonly labels: Labels;
  readonly #rows = new Map<string, SummedRow>();

  constructor(spec: TableSpec, labels: Labels) {
    this.spec = spec;
    this.labels = labels;
  }

  get rows(): Iterable<readonly [string, RowNumbers]> {
    return this.#rows;
  }

  add(source: RowSource): void {
    const row = this.#rows.get(source.name) ?? new SummedRow(this.spec);
    this.#rows.set(source.name, row);
    row.add(source);
  }

  /** A worker closed the row; where others have it, its counts stay in the sum. */
  close(source: RowSource): void {
    const row = this.#rows.get(source.name);
    row?.keep(source);
    if (row?.isOrphan) this.#rows.delete(source.name);
  }

  /** A worker died with the row open: what it counted happened. */
  orphan(source: RowSource, now: number): void {
    const row = this.#rows.get(source.name);
    row?.keep(source);
    if (row?.isOrphan) row.orphanedAt = now;
  }

  row(name: string): RowNumbers | undefined {
    return this.#rows.get(name);
  }

  /** Lets go of what nobody has had since `due`. */
  sweep(due: number): void {
    for (const [name, { orphanedAt }] of this.#rows) {
      if (orphanedAt !== undefined && orphanedAt <= due) this.#rows.delete(name);
    }
  }
}

class SummedRow implements RowNumbers {
  readonly #spec: TableSpec;
  /** Nearly all rows have one. */
  #sources: RowSource | readonly RowSource[] | undefined;
  /** What workers counted that are dead, or closed the row while others have it. */
  #before: { readonly counts: readonly number[]; readonly times: HistogramSnapshot } | undefined;
  /** Monotonic ms, once the last worker that had it died. */
  orphanedAt: number | undefined;

  constructor(spec: TableSpec) {
    this.#spec = spec;
  }

  get isOrphan(): boolean {
    return this.#sources === undefined;
  }

  add(source: RowSource): void {
    this.#sources = this.#sources === undefined ? source : [...this.#all(), source];
    this.orphanedAt = undefined;
  }

  /** The source is read no more; what it counted stays. */
  keep(source: RowSource): void {
    const counts = this.#spec.counters.map((_, at) => cell(source, at) + (this.#before?.counts[at] ?? 0));
    this.#before = { counts, times: addedUp(this.#before?.times ?? emptySnapshot, this.#timesOf(source)) };
    const left = this.#all().filter((each) => each !== source);
    this.#sources = left.length > 1 ? left : left[0];
  }

  count(column: number): number {
    return this.#all().reduce((sum, source) => sum + cell(source, column), this.#before?.counts[column] ?? 0);
  }

  /** What a gauge showed is over with whoever showed it. */
  gauge(column: number): number | undefined {
    const shown = this.#all().map((source) => cell(source, this.#spec.counters.length + column));
    const known = shown.filter((each) => !Number.isNaN(each));
    return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0);
  }

  times(): HistogramSnapshot {
    const before = this.#before?.times ?? emptySnapshot;
    return this.#all().reduce((sum, source) => addedUp(sum, this.#timesOf(source)), before);
  }

  #all(): readonly RowSource[] {
    const sources = this.#sources;
    if (sources === undefined) return [];
    return "place" in sources ? [sources] : sources;
  }

  #timesOf({ pages, place }: RowSource): HistogramSnapshot {
    return readHistogram(pages, place + histogramAt(this.#spec));
  }
}

function cell({ pages, place }: RowSource, column: number): number {
  return pages[pageOf(place)]?.[cellOf(place) + column] ?? 0;
}
