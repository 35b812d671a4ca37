/** The metrics of a worker: numbers in shared memory, which the control thread reads where they stand. */
import type { Counter, Histogram, Labels, MetricSpec, Metrics, SeriesTable, TableSpec } from "../base/metrics.ts";
import { labelKey, tableKey } from "../base/metrics-registry.ts";
import type { Scope } from "../base/scope.ts";
import type { MetricNews } from "./protocol.ts";
import { freeBlocks, HISTOGRAM_HEAD, SharedHistogram } from "./shared-histogram.ts";
import { cellOf, pageOf, SharedSlots } from "./shared-slots.ts";
import { type SharedRow, SharedTable, type TableHost } from "./shared-table.ts";

/** What has a slot until nobody reads that any more. */
interface Leaving {
  free(): void;
}

/**
 * As a `MetricsRegistry`, but for reading: what it has is told to a control thread, and to each one after that. A slot is
 * used again when the control thread has said that it does not read it any more.
 */
export class SharedMetrics implements Metrics {
  readonly #slots = new SharedSlots((page, cells) => this.#tell({ type: "page", page, cells }));
  readonly #specs = new Map<string, MetricSpec>();
  readonly #series = new Map<string, Series>();
  readonly #tables = new Map<string, { readonly table: SharedTable; users: number }>();
  readonly #leaving = new Map<number, Leaving>();
  #send: ((news: readonly MetricNews[]) => void) | undefined;
  #news: MetricNews[] = [];
  #lastId = 0;

  counter(spec: MetricSpec, labels: Labels, owner: Scope): Counter {
    return this.#open(spec, "counter", labels, owner, (place) => new SlotCounter(this.#slots, place)).handle;
  }

  histogram(spec: MetricSpec, labels: Labels, owner: Scope): Histogram {
    const make = (place: number): SharedHistogram => new SharedHistogram(this.#slots, place);
    return this.#open(spec, "histogram", labels, owner, make).handle;
  }

  gauge(spec: MetricSpec, labels: Labels, owner: Scope, read: () => number): void {
    const { handle } = this.#open(spec, "gauge", labels, owner, (place) => new SlotGauge(this.#slots, place));
    handle.readers = handle.readers.concat(read);
    owner.defer(() => void (handle.readers = handle.readers.filter((each) => each !== read)));
  }

  table(spec: TableSpec, labels: Labels, owner: Scope): SeriesTable {
    const key = tableKey(spec, labels);
    const known = this.#tables.get(key) ?? { table: this.#newTable(spec, labels), users: 0 };
    this.#tables.set(key, known);
    known.users++;
    owner.defer(() => {
      if (--known.users > 0) return;
      this.#tables.delete(key);
      this.#leave(known.table.id, { free: () => undefined });
    });
    return known.table;
  }

  /** Writes down what every gauge shows now: of thousands of names some at a time, as whoever serves here goes first. */
  *readGauges(): Generator<void> {
    for (const { table } of this.#tables.values()) yield* table.readGauges();
    for (const { handle } of this.#series.values()) if (handle instanceof SlotGauge) handle.read();
  }

  /** From now on `send` gets the news, several at once, beginning with all there is. Whoever read before does so no more. */
  attach(send: (news: readonly MetricNews[]) => void): void {
    this.detach();
    this.#send = send;
    this.repeat();
  }

  /** Tells the one who reads everything again. */
  repeat(): void {
    const pages: MetricNews[] = this.#slots.pages.map((cells, page) => ({ type: "page", page, cells }));
    const families: MetricNews[] = [...this.#specs.values()].map((spec) => ({ type: "family", spec }));
    const leaving: MetricNews[] = [...this.#leaving.keys()].map((id) => ({ type: "gone", id }));
    const series = [...this.#series.values()].map(declared);
    const tables = [...this.#tables.values()].flatMap(({ table }) => [
      declaredTable(table),
      ...[...table.rows.values()].map((row) => declaredRow(table, row)),
    ]);
    this.#news = [{ type: "reset" }, ...pages, ...families, ...series, ...tables, ...leaving];
    this.#schedule();
  }

  /** Nobody reads any more. */
  detach(): void {
    this.#send = undefined;
    this.#news = [];
    this.freed([...this.#leaving.keys()]);
  }

  /** The control thread does not read these slots any more. */
  freed(ids: readonly number[]): void {
    for (const id of ids) {
      this.#leaving.get(id)?.free();
      this.#leaving.delete(id);
    }
  }

  #open<H extends Handle>(
    spec: MetricSpec,
    type: MetricSpec["type"],
    labels: Labels,
    owner: Scope,
    make: (place: number) => H,
  ): Series<H> {
    this.#checkSpec(spec, type);
    const key = `${spec.name} ${labelKey(spec, labels)}`;
    // The metric's type was checked, so what is kept under any key was made by the same `make`.
    const series = (this.#series.get(key) as Series<H> | undefined) ?? this.#newSeries(key, spec, labels, make);
    series.users++;
    owner.defer(() => this.#release(key, series));
    return series;
  }

  #newSeries<H extends Handle>(key: string, spec: MetricSpec, labels: Labels, make: (place: number) => H): Series<H> {
    const place = this.#slots.take(spec.type === "histogram" ? HISTOGRAM_HEAD : 1);
    const series: Series<H> = { id: this.#nextId(), name: spec.name, labels, place, handle: make(place), users: 0 };
    this.#series.set(key, series);
    this.#tell(declared(series));
    return series;
  }

  #newTable(spec: TableSpec, labels: Labels): SharedTable {
    const host: TableHost = {
      slots: this.#slots,
      nextId: () => this.#nextId(),
      opened: (of, row) => this.#tell(declaredRow(of, row)),
      closed: (row) => this.#leave(row.id, row),
    };
    const table = new SharedTable(spec, labels, host);
    this.#tell(declaredTable(table));
    return table;
  }

  #nextId(): number {
    return ++this.#lastId;
  }

  #checkSpec(spec: MetricSpec, type: MetricSpec["type"]): void {
    if (spec.type !== type) throw new TypeError(`${spec.name} is a ${spec.type}, not a ${type}`);
    const known = this.#specs.get(spec.name);
    if (known === undefined) {
      this.#specs.set(spec.name, spec);
      this.#tell({ type: "family", spec });
      return;
    }
    const same = known.type === type && known.labels.join() === spec.labels.join();
    if (!same) throw new TypeError(`${spec.name} exists with another type or other labels`);
  }

  #release(key: string, series: Series): void {
    if (--series.users > 0) return;
    this.#series.delete(key);
    this.#leave(series.id, { free: () => this.#free(series) });
  }

  #free({ place, handle }: Series): void {
    const isHistogram = handle instanceof SharedHistogram;
    if (isHistogram) freeBlocks(this.#slots, place);
    this.#slots.free(place, isHistogram ? HISTOGRAM_HEAD : 1);
  }

  #leave(id: number, leaving: Leaving): void {
    if (this.#send === undefined) return leaving.free();
    this.#leaving.set(id, leaving);
    this.#tell({ type: "gone", id });
  }

  #tell(news: MetricNews): void {
    if (this.#send === undefined) return;
    this.#news.push(news);
    if (this.#news.length === 1) this.#schedule();
  }

  #schedule(): void {
    queueMicrotask(() => {
      const news = this.#news;
      this.#news = [];
      if (news.length > 0) this.#send?.(news);
    });
  }
}

function declared({ id, name, labels, place }: Series): MetricNews {
  return { type: "series", id, name, labels, page: pageOf(place), at: cellOf(place) };
}

function declaredTable({ id, spec, labels }: SharedTable): MetricNews {
  return { type: "table", id, spec, labels };
}

function declaredRow(table: SharedTable, { id, name, place }: SharedRow): MetricNews {
  return { type: "row", id, table: table.id, name, place };
}

type Handle = SlotCounter | SlotGauge | SharedHistogram;

interface Series<H extends Handle = Handle> {
  readonly id: number;
  readonly name: string;
  readonly labels: Labels;
  readonly place: number;
  readonly handle: H;
  users: number;
}

class SlotCounter implements Counter {
  readonly #cells: Float64Array;
  readonly #at: number;
  constructor(slots: SharedSlots, place: number) {
    this.#cells = slots.pageAt(place);
    this.#at = cellOf(place);
  }
  get value(): number {
    return this.#cells[this.#at] as number;
  }
  set value(value: number) {
    this.#cells[this.#at] = value;
  }
}

/** A name with the same labels given twice is one gauge, the sum of both. */
class SlotGauge {
  readers: readonly (() => number)[] = [];
  readonly #cells: Float64Array;
  readonly #at: number;
  constructor(slots: SharedSlots, place: number) {
    this.#cells = slots.pageAt(place);
    this.#at = cellOf(place);
  }
  read(): void {
    let value = 0;
    for (const read of this.readers) value += read();
    this.#cells[this.#at] = value;
  }
}
