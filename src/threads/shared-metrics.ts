/** The metrics of a worker: numbers in shared memory, which the control thread reads where they stand. */
import { clearHistogram, HISTOGRAM_CELLS, LogLinearHistogram } from "../base/histogram.ts";
import type { Counter, Histogram, Labels, MetricSpec, Metrics } from "../base/metrics.ts";
import { labelKey } from "../base/metrics-registry.ts";
import type { Scope } from "../base/scope.ts";
import type { MetricNews } from "./protocol.ts";
import { type Slot, SharedSlots } from "./shared-slots.ts";

/**
 * As a `MetricsRegistry`, but for reading: what it has is told to a control thread, and to each one after that. A slot is
 * used again when the control thread has said that it does not read it any more.
 */
export class SharedMetrics implements Metrics {
  readonly #slots = new SharedSlots((page, cells) => this.#tell({ type: "page", page, cells }));
  readonly #specs = new Map<string, MetricSpec>();
  readonly #series = new Map<string, Series>();
  readonly #leaving = new Map<number, Slot>();
  #send: ((news: readonly MetricNews[]) => void) | undefined;
  #news: MetricNews[] = [];
  #lastId = 0;

  counter(spec: MetricSpec, labels: Labels, owner: Scope): Counter {
    return this.#open(spec, "counter", labels, owner, (slot) => new SlotCounter(slot.cells)).handle;
  }

  histogram(spec: MetricSpec, labels: Labels, owner: Scope): Histogram {
    const make = ({ cells }: Slot): LogLinearHistogram => new LogLinearHistogram(cells);
    return this.#open(spec, "histogram", labels, owner, make).handle;
  }

  gauge(spec: MetricSpec, labels: Labels, owner: Scope, read: () => number): void {
    const { handle } = this.#open(spec, "gauge", labels, owner, (slot) => new SlotGauge(slot.cells));
    handle.readers = handle.readers.concat(read);
    owner.defer(() => void (handle.readers = handle.readers.filter((each) => each !== read)));
  }

  /** Writes down what every gauge shows now. */
  readGauges(): void {
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
    this.#news = [{ type: "reset" }, ...pages, ...families, ...series, ...leaving];
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
      const slot = this.#leaving.get(id);
      if (slot !== undefined) this.#slots.free(slot);
      this.#leaving.delete(id);
    }
  }

  #open<H extends Handle>(
    spec: MetricSpec,
    type: MetricSpec["type"],
    labels: Labels,
    owner: Scope,
    make: (slot: Slot) => H,
  ): Series<H> {
    this.#checkSpec(spec, type);
    const key = `${spec.name} ${labelKey(spec, labels)}`;
    // The metric's type was checked, so what is kept under any key was made by the same `make`.
    const series = (this.#series.get(key) as Series<H> | undefined) ?? this.#newSeries(key, spec, labels, make);
    series.users++;
    owner.defer(() => this.#release(key, series));
    return series;
  }

  #newSeries<H extends Handle>(key: string, spec: MetricSpec, labels: Labels, make: (slot: Slot) => H): Series<H> {
    const isHistogram = spec.type === "histogram";
    const slot = this.#slots.take(isHistogram ? HISTOGRAM_CELLS : 1);
    if (isHistogram) clearHistogram(slot.cells);
    else slot.cells[0] = 0;
    const series: Series<H> = { id: ++this.#lastId, name: spec.name, labels, slot, handle: make(slot), users: 0 };
    this.#series.set(key, series);
    this.#tell(declared(series));
    return series;
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
    if (this.#send === undefined) return this.#slots.free(series.slot);
    this.#leaving.set(series.id, series.slot);
    this.#tell({ type: "gone", id: series.id });
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

function declared({ id, name, labels, slot }: Series): MetricNews {
  return { type: "series", id, name, labels, page: slot.page, at: slot.at };
}

type Handle = SlotCounter | SlotGauge | LogLinearHistogram;

interface Series<H extends Handle = Handle> {
  readonly id: number;
  readonly name: string;
  readonly labels: Labels;
  readonly slot: Slot;
  readonly handle: H;
  users: number;
}

class SlotCounter implements Counter {
  readonly #cells: Float64Array;
  constructor(cells: Float64Array) {
    this.#cells = cells;
  }
  get value(): number {
    return this.#cells[0] as number;
  }
  set value(value: number) {
    this.#cells[0] = value;
  }
}

/** A name with the same labels given twice is one gauge, the sum of both. */
class SlotGauge {
  readers: readonly (() => number)[] = [];
  readonly #cells: Float64Array;
  constructor(cells: Float64Array) {
    this.#cells = cells;
  }
  read(): void {
    let value = 0;
    for (const read of this.readers) value += read();
    this.#cells[0] = value;
  }
}
