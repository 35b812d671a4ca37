/** A table of series in shared memory: of each row the counters, the gauges and a histogram, one after the other. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import { checkTable, RowUsers } from "../base/metrics-table.ts";
import type { GaugeSource, Labels, SeriesRow, SeriesTable, TableSpec } from "../base/metrics.ts";
import { freeBlocks, HISTOGRAM_HEAD, readHistogram, recordAt } from "./shared-histogram.ts";
import { cellOf, type SharedSlots } from "./shared-slots.ts";

/** What a table needs of the metrics that it is part of. */
export interface TableHost {
  readonly slots: SharedSlots;
  opened(table: SharedTable, row: SharedRow): void;
  /** Nobody writes to the row any more; its `free` is called when nobody reads it either. */
  closed(row: SharedRow): void;
  nextId(): number;
}

/** Each takes a microsecond or two. */
const ROWS_A_STEP = 500;

export class SharedTable implements SeriesTable {
  readonly id: number;
  readonly spec: TableSpec;
  readonly labels: Labels;
  readonly rows = new Map<string, SharedRow>();
  readonly host: TableHost;

  constructor(spec: TableSpec, labels: Labels, host: TableHost) {
    checkTable(spec, labels);
    this.id = host.nextId();
    this.spec = spec;
    this.labels = labels;
    this.host = host;
  }

  open(name: string, gauges?: GaugeSource): SeriesRow {
    const row = this.rows.get(name) ?? this.#make(name);
    row.join(gauges);
    return row;
  }

  /** Writes down what all gauges show now, row after row; NaN where nobody says it. */
  *readGauges(): Generator<void> {
    let count = 0;
    for (const row of this.rows.values()) {
      row.readGauges();
      if (++count % ROWS_A_STEP === 0) yield;
    }
  }

  #make(name: string): SharedRow {
    const row = new SharedRow(this, name);
    this.rows.set(name, row);
    this.host.opened(this, row);
    return row;
  }
}

/** Where the histogram's head begins in a row, and how many cells a row has. */
export const histogramAt = ({ counters, gauges }: TableSpec): number => counters.length + gauges.length;
export const rowCells = (spec: TableSpec): number => histogramAt(spec) + HISTOGRAM_HEAD;

export class SharedRow extends RowUsers implements SeriesRow {
  readonly id: number;
  readonly name: string;
  readonly place: number;
  readonly #table: SharedTable;
  readonly #cells: Float64Array;

  constructor(table: SharedTable, name: string) {
    super();
    const { slots } = table.host;
    this.id = table.host.nextId();
    this.name = name;
    this.#table = table;
    this.place = slots.take(rowCells(table.spec));
    this.#cells = slots.pageAt(this.place);
  }

  add(column: number): void {
    (this.#cells[cellOf(this.place) + column] as number)++;
  }

  grow(column: number, by: number): void {
    (this.#cells[cellOf(this.place) + column] as number) += by;
  }

  count(column: number): number {
    return this.#cells[cellOf(this.place) + column] as number;
  }

  record(ms: number): void {
    recordAt(this.#table.host.slots, this.#histogram, ms);
  }

  times(): HistogramSnapshot {
    return readHistogram(this.#table.host.slots.cells, this.#histogram);
  }

  readGauges(): void {
    const { counters, gauges } = this.#table.spec;
    const first = cellOf(this.place) + counters.length;
    for (let column = 0; column < gauges.length; column++) this.#cells[first + column] = this.gauge(column) ?? NaN;
  }

  close(gauges?: GaugeSource): void {
    if (!this.leave(gauges)) return;
    this.#table.rows.delete(this.name);
    this.#table.host.closed(this);
  }

  free(): void {
    const { slots } = this.#table.host;
    freeBlocks(slots, this.#histogram);
    slots.free(this.place, rowCells(this.#table.spec));
  }

  get #histogram(): number {
    return this.place + histogramAt(this.#table.spec);
  }
}
