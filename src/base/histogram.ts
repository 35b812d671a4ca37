/** A log-linear histogram of milliseconds in one typed array of 2 KB. */
import type { Histogram } from "./metrics.ts";

/** What a histogram held at one moment. All values are milliseconds. */
export interface HistogramSnapshot {
  readonly count: number;
  readonly sum: number;
  /** 0 while nothing was recorded. */
  readonly min: number;
  readonly max: number;
  /** The value that the share `p` (0 to 1) of all did not exceed, within 6 %; 0 while nothing was recorded. */
  percentile(p: number): number;
  /** For each of the ascending `bounds`: how many values were at most so large, within 6 % of the bound. */
  cumulative(bounds: readonly number[]): number[];
  /** What was recorded after `earlier` was taken; its `min` and `max` are known within 6 % only. */
  since(earlier: HistogramSnapshot): HistogramSnapshot;
}

/** Values are counted in microseconds, in eight buckets for each power of two. */
const UNITS_PER_MS = 1000;
const MAX_MS = 3_600_000;
const BUCKETS = 240;
const COUNT = BUCKETS;
const SUM = BUCKETS + 1;
const MIN = BUCKETS + 2;
const MAX = BUCKETS + 3;

/** How many cells a histogram's array has. */
export const HISTOGRAM_CELLS = BUCKETS + 4;

/** Larger values than an hour count as an hour, negative ones and NaN as 0. */
export class LogLinearHistogram implements Histogram {
  readonly #cells: Float64Array;

  /** Records into `cells`, which another thread may read meanwhile; `clearHistogram` made them ready. */
  constructor(cells: Float64Array = emptyCells()) {
    this.#cells = cells;
  }

  record(ms: number): void {
    const value = ms > 0 ? (ms < MAX_MS ? ms : MAX_MS) : 0;
    const units = (value * UNITS_PER_MS) >>> 0;
    const shift = units < 8 ? 0 : 28 - Math.clz32(units);
    const cells = this.#cells;
    (cells[shift * 8 + (units >>> shift)] as number)++;
    (cells[COUNT] as number)++;
    (cells[SUM] as number) += value;
    if (value < (cells[MIN] as number)) cells[MIN] = value;
    if (value > (cells[MAX] as number)) cells[MAX] = value;
  }

  snapshot(): HistogramSnapshot {
    return new Snapshot(this.#cells.slice());
  }
}

/** Makes cells those of a histogram that has recorded nothing. */
export function clearHistogram(cells: Float64Array): void {
  cells.fill(0);
  cells[MIN] = Infinity;
}

/** Adds what one histogram has recorded to another. */
export function addHistogram(into: Float64Array, from: Float64Array): void {
  for (let at = 0; at <= SUM; at++) into[at] = (into[at] as number) + (from[at] as number);
  into[MIN] = Math.min(into[MIN] as number, from[MIN] as number);
  into[MAX] = Math.max(into[MAX] as number, from[MAX] as number);
}

/** What cells hold; they are the snapshot's from now on. */
export function snapshotOf(cells: Float64Array): HistogramSnapshot {
  return new Snapshot(cells);
}

class Snapshot implements HistogramSnapshot {
  readonly #cells: Float64Array;

  constructor(cells: Float64Array) {
    this.#cells = cells;
  }

  get count(): number {
    return this.#cells[COUNT] as number;
  }

  get sum(): number {
    return this.#cells[SUM] as number;
  }

  get min(): number {
    return this.count === 0 ? 0 : (this.#cells[MIN] as number);
  }

  get max(): number {
    return this.#cells[MAX] as number;
  }

  percentile(p: number): number {
    if (this.count === 0) return 0;
    const rank = Math.max(1, Math.ceil(this.count * Math.min(Math.max(p, 0), 1)));
    let seen = 0;
    for (let at = 0; at < BUCKETS; at++) {
      seen += this.#cells[at] as number;
      if (seen >= rank) return Math.min(Math.max(middle(at), this.min), this.max);
    }
    return this.max;
  }

  cumulative(bounds: readonly number[]): number[] {
    let at = 0;
    let seen = 0;
    return bounds.map((bound) => {
      for (; at < BUCKETS && middle(at) <= bound; at++) seen += this.#cells[at] as number;
      return bound >= this.max ? this.count : seen;
    });
  }

  since(earlier: HistogramSnapshot): HistogramSnapshot {
    if (!(earlier instanceof Snapshot)) return this;
    const cells = emptyCells();
    for (let at = 0; at < BUCKETS; at++) cells[at] = (this.#cells[at] as number) - (earlier.#cells[at] as number);
    cells[COUNT] = this.count - earlier.count;
    cells[SUM] = this.sum - earlier.sum;
    for (let at = 0; at < BUCKETS; at++) {
      if ((cells[at] as number) === 0) continue;
      cells[MIN] = Math.min(cells[MIN] as number, middle(at));
      cells[MAX] = Math.min(middle(at), this.max);
    }
    return new Snapshot(cells);
  }
}

function emptyCells(): Float64Array {
  const cells = new Float64Array(HISTOGRAM_CELLS);
  clearHistogram(cells);
  return cells;
}

/** The value of a bucket whose greatest relative error is least: the harmonic mean of its two ends. */
function middle(bucket: number): number {
  const shift = bucket < 16 ? 0 : (bucket >>> 3) - 1;
  const low = (bucket - shift * 8) * 2 ** shift;
  const high = low + 2 ** shift;
  return (2 * low * high) / (low + high) / UNITS_PER_MS;
}
