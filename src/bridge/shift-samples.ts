/** What both sides of a shift did at the same time, from counters that are read again and again. */
import { addedUp, emptySnapshot, type HistogramSnapshot } from "../base/histogram.ts";
import type { Side } from "./shift.ts";

/** Of one side: what it has answered until now, or in a span of time. */
export interface Tally {
  readonly successes: number;
  readonly failures: number;
  readonly times: HistogramSnapshot;
}

/** Of both sides, in one and the same span. */
export type Tallies = Readonly<Record<Side, Tally>>;

/** Of each cluster of each side, by a key of its own: what its counters say now. */
export type Readings = Readonly<Record<Side, ReadonlyMap<string, Tally>>>;

/** Of each name of a shift: what is to be judged by itself. */
export type Measured = ReadonlyMap<string, Readings>;

export const noTally: Tally = { successes: 0, failures: 0, times: emptySnapshot };
const nothing: Tallies = { from: noTally, to: noTally };

export const requestsOf = ({ successes, failures }: Tally): number => successes + failures;

/** How many readings the recent span has. */
const RECENT = 20;

/** Reads the counters of both sides at once, so that what it adds up happened at the same time on both. */
export class Samples {
  readonly #last: Record<Side, Map<string, Tally>> = { from: new Map(), to: new Map() };
  #whole = nothing;
  readonly #recent: Tallies[] = [];

  /** Since this was made. */
  get whole(): Tallies {
    return this.#whole;
  }

  /** Of the last `RECENT` readings. */
  get recent(): Tallies {
    return this.#recent.reduce(added, nothing);
  }

  /** The first reading of each cluster is what its later ones are counted from. */
  read(readings: Readings): void {
    const grown = { from: this.#grown("from", readings.from), to: this.#grown("to", readings.to) };
    this.#whole = added(this.#whole, grown);
    this.#recent.push(grown);
    if (this.#recent.length > RECENT) this.#recent.shift();
  }

  /** Only of clusters that were not read before. */
  first(readings: Readings): void {
    for (const side of ["from", "to"] as const) {
      for (const [key, now] of readings[side]) if (!this.#last[side].has(key)) this.#last[side].set(key, now);
    }
  }

  #grown(side: Side, readings: ReadonlyMap<string, Tally>): Tally {
    const last = this.#last[side];
    let sum = noTally;
    for (const [key, now] of readings) {
      const then = last.get(key);
      if (then !== undefined) sum = plus(sum, growth(then, now));
      last.set(key, now);
    }
    return sum;
  }
}

/** Of a whole shift, and of each of its names where it has more than one. */
export class ShiftSamples {
  readonly all = new Samples();
  readonly #each = new Map<string, Samples>();

  get each(): ReadonlyMap<string, Samples> {
    return this.#each.size > 1 ? this.#each : NO_NAMES;
  }

  read(measured: Measured): void {
    this.all.read(together(measured));
    for (const [name, readings] of measured) this.#of(name).read(readings);
  }

  first(measured: Measured): void {
    this.all.first(together(measured));
    for (const [name, readings] of measured) this.#of(name).first(readings);
  }

  #of(name: string): Samples {
    let samples = this.#each.get(name);
    if (samples === undefined) this.#each.set(name, (samples = new Samples()));
    return samples;
  }
}

const NO_NAMES: ReadonlyMap<string, Samples> = new Map();

/** A cluster that several names lead to counts once. */
function together(measured: Measured): Readings {
  const all = { from: new Map<string, Tally>(), to: new Map<string, Tally>() };
  for (const readings of measured.values()) {
    for (const side of ["from", "to"] as const) for (const [key, tally] of readings[side]) all[side].set(key, tally);
  }
  return all;
}

/** Counters that have shrunk began anew: what they count now is all that is known to be new. */
function growth(then: Tally, now: Tally): Tally {
  const isAnew = now.successes < then.successes || now.failures < then.failures || now.times.count < then.times.count;
  if (isAnew) return now;
  return {
    successes: now.successes - then.successes,
    failures: now.failures - then.failures,
    times: now.times.since(then.times),
  };
}

function added(a: Tallies, b: Tallies): Tallies {
  return { from: plus(a.from, b.from), to: plus(a.to, b.to) };
}

/** What two clusters did, or one in two spans. */
function plus(a: Tally, b: Tally): Tally {
  return {
    successes: a.successes + b.successes,
    failures: a.failures + b.failures,
    times: addedUp(a.times, b.times),
  };
}
