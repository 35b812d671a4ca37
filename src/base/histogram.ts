/** A log-linear histogram of milliseconds that takes memory only for the range in which values were recorded. */

/** `record` costs nanoseconds and, but for a value outside of the range seen until then, allocates nothing. */
export interface Histogram {
  record(ms: number): void;
}

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
  /** Each value that was recorded, within 6 %, and how often, in ascending order. */
  values(): readonly (readonly [ms: number, count: number])[];
  /** What was recorded after `earlier` was taken; its `min` and `max` are known within 6 % only. */
  since(earlier: HistogramSnapshot): HistogramSnapshot;
}

/** Values are counted in microseconds, in eight buckets for each power of two. */
const UNITS_PER_MS = 1000;
const MAX_MS = 3_600_000;
/** How many buckets there are. */
export const BUCKETS = 240;
/** One power of two: by so many buckets a range grows. */
const ZEROS: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0];

/** As it is counted: larger values than an hour count as an hour, negative ones and NaN as 0. */
export function withinRange(ms: number): number {
  return ms > 0 ? (ms < MAX_MS ? ms : MAX_MS) : 0;
}

/** Where a value that is `withinRange` is counted. */
export function bucketOf(ms: number): number {
  const units = (ms * UNITS_PER_MS) >>> 0;
  const shift = units < 8 ? 0 : 28 - Math.clz32(units);
  return shift * 8 + (units >>> shift);
}

export class LogLinearHistogram implements Histogram {
  /** Counts of the buckets from `#from` on. Nothing was recorded in others. */
  #counts: number[] = [];
  #from = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  record(ms: number): void {
    const value = withinRange(ms);
    const bucket = bucketOf(value);
    let at = bucket - this.#from;
    if (at < 0 || at >= this.#counts.length) at = this.#widen(bucket);
    (this.#counts[at] as number)++;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  snapshot(): HistogramSnapshot {
    return new Snapshot(this.#from, this.#counts.slice(), this.#sum, this.#min, this.#max);
  }

  /** Returns where the bucket is counted from now on. `concat` leaves no room that nobody asked for. */
  #widen(bucket: number): number {
    if (this.#counts.length === 0) this.#from = bucket - (bucket % ZEROS.length);
    while (bucket < this.#from) {
      this.#counts = ZEROS.concat(this.#counts);
      this.#from -= ZEROS.length;
    }
    while (bucket >= this.#from + this.#counts.length) this.#counts = this.#counts.concat(ZEROS);
    return bucket - this.#from;
  }
}

/** Of counts that are kept elsewhere: those of the buckets from `from` on, which are the snapshot's from now on. */
export function snapshotOf(
  from: number,
  counts: readonly number[],
  sum: number,
  min: number,
  max: number,
): HistogramSnapshot {
  return new Snapshot(from, counts, sum, min, max);
}

/** What two histograms have recorded together. */
export function addedUp(a: HistogramSnapshot, b: HistogramSnapshot): HistogramSnapshot {
  if (!(a instanceof Snapshot) || a.count === 0) return b;
  if (!(b instanceof Snapshot) || b.count === 0) return a;
  return a.plus(b);
}

class Snapshot implements HistogramSnapshot {
  readonly count: number;
  readonly sum: number;
  readonly #from: number;
  readonly #counts: readonly number[];
  readonly #min: number;
  readonly #max: number;

  constructor(from: number, counts: readonly number[], sum: number, min: number, max: number) {
    this.#from = from;
    this.#counts = counts;
    this.count = counts.reduce((total, each) => total + each, 0);
    this.sum = sum;
    this.#min = min;
    this.#max = max;
  }

  get min(): number {
    return this.count === 0 ? 0 : this.#min;
  }

  get max(): number {
    return this.#max;
  }

  percentile(p: number): number {
    if (this.count === 0) return 0;
    const rank = Math.max(1, Math.ceil(this.count * Math.min(Math.max(p, 0), 1)));
    let seen = 0;
    for (let at = 0; at < this.#counts.length; at++) {
      seen += this.#counts[at] as number;
      if (seen >= rank) return Math.min(Math.max(middle(this.#from + at), this.min), this.max);
    }
    return this.max;
  }

  cumulative(bounds: readonly number[]): number[] {
    let at = 0;
    let seen = 0;
    return bounds.map((bound) => {
      for (; at < this.#counts.length && middle(this.#from + at) <= bound; at++) seen += this.#counts[at] as number;
      return bound >= this.max ? this.count : seen;
    });
  }

  values(): readonly (readonly [ms: number, count: number])[] {
    return this.#counts.flatMap((count, at) => {
      const ms = Math.min(Math.max(middle(this.#from + at), this.min), this.max);
      return count === 0 ? [] : [[ms, count] as const];
    });
  }

  since(earlier: HistogramSnapshot): HistogramSnapshot {
    if (!(earlier instanceof Snapshot)) return this;
    const counts = this.#counts.map((count, at) => count - earlier.#at(this.#from + at));
    const first = counts.findIndex((count) => count !== 0);
    if (first < 0) return emptySnapshot;
    const last = counts.findLastIndex((count) => count !== 0);
    const max = Math.min(middle(this.#from + last), this.max);
    const sum = this.sum - earlier.sum;
    return new Snapshot(this.#from + first, counts.slice(first, last + 1), sum, middle(this.#from + first), max);
  }

  plus(other: Snapshot): Snapshot {
    const from = Math.min(this.#from, other.#from);
    const to = Math.max(this.#from + this.#counts.length, other.#from + other.#counts.length);
    const counts = Array.from({ length: to - from }, (_, at) => this.#at(from + at) + other.#at(from + at));
    const [min, max] = [Math.min(this.#min, other.#min), Math.max(this.#max, other.#max)];
    return new Snapshot(from, counts, this.sum + other.sum, min, max);
  }

  #at(bucket: number): number {
    return this.#counts[bucket - this.#from] ?? 0;
  }
}

export const emptySnapshot: HistogramSnapshot = new Snapshot(0, [], 0, Infinity, 0);

/** The value of a bucket whose greatest relative error is least: the harmonic mean of its two ends. */
function middle(bucket: number): number {
  const shift = bucket < 16 ? 0 : (bucket >>> 3) - 1;
  const low = (bucket - shift * 8) * 2 ** shift;
  const high = low + 2 ** shift;
  return (2 * low * high) / (low + high) / UNITS_PER_MS;
}
