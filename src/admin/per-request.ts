/** How often requests were tried again, as Linkerd 1 shows it: a histogram, made here of counters. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { Column } from "../base/metrics.ts";

/** Of which counters it is made. */
interface PerRequestSpec {
  readonly as: string;
  /** All attempts, those that were made again among them where `again` says which. */
  readonly attempts: string;
  readonly again?: string;
  /** How many came to be tried again so many `times`. */
  readonly times: string;
}

const specs: readonly PerRequestSpec[] = [
  {
    as: "retries/per_request",
    attempts: "linkspan_requests_total",
    times: "linkspan_retried_requests_total",
  },
  {
    as: "retries/requeues_per_request",
    attempts: "linkspan_attempts_total",
    again: "linkspan_requeues_total",
    times: "linkspan_requeued_requests_total",
  },
];

export interface PerRequest {
  readonly metric: string;
  readonly kind: "histogram";
  /** Of what the columns of one thing show. */
  readonly read: (of: (column: number) => unknown) => HistogramSnapshot;
}

/** One where the columns are those of a service, or of a client. */
export function perRequest(columns: readonly Column[]): readonly PerRequest[] {
  const called = (name: string | undefined): readonly number[] =>
    [...columns.keys()].filter((at) => columns[at]?.spec.name === name);
  return specs.flatMap(({ as, attempts, again, times }) => {
    const [all, repeated] = [called(attempts), called(again)];
    if (all.length === 0) return [];
    const steps = called(times)
      .map((column) => [Number(columns[column]?.labels?.["times"]), column] as const)
      .toSorted(([a], [b]) => a - b);
    const read: PerRequest["read"] = (of) => {
      const value = (column: number): number => numberOf(of(column));
      const requests = sum(all.map(value)) - sum(repeated.map(value));
      const reached = steps.map(([step, column]) => [step, value(column)] as const);
      return histogramOf(requests, reached);
    };
    return [{ metric: as, kind: "histogram", read }];
  });
}

const numberOf = (shown: unknown): number => (typeof shown === "number" ? shown : 0);
const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0);

/** Who reached 3 and not 10 counts as 3. */
function histogramOf(
  requests: number,
  reached: readonly (readonly [times: number, count: number])[],
): HistogramSnapshot {
  const values = [0, ...reached.map(([times]) => times)];
  const atLeast = [requests, ...reached.map(([, count]) => count)];
  return new CountedValues(
    values,
    atLeast.map((count, at) => Math.max(0, count - (atLeast[at + 1] ?? 0))),
  );
}

/** How often each of a few values was seen, in ascending order. */
class CountedValues implements HistogramSnapshot {
  readonly count: number;
  readonly sum: number;
  readonly #values: readonly number[];
  readonly #counts: readonly number[];

  constructor(values: readonly number[], counts: readonly number[]) {
    this.#values = values;
    this.#counts = counts;
    this.count = sum(counts);
    this.sum = counts.reduce((total, each, at) => total + each * (values[at] as number), 0);
  }

  get min(): number {
    return this.#values[this.#counts.findIndex((count) => count > 0)] ?? 0;
  }

  get max(): number {
    return this.#values[this.#counts.findLastIndex((count) => count > 0)] ?? 0;
  }

  percentile(p: number): number {
    const rank = Math.max(1, Math.ceil(this.count * Math.min(Math.max(p, 0), 1)));
    const at = this.#seen().findIndex((seen) => seen >= rank);
    return this.#values[at] ?? 0;
  }

  cumulative(bounds: readonly number[]): number[] {
    const seen = this.#seen();
    return bounds.map((bound) => seen[this.#values.findLastIndex((value) => value <= bound)] ?? 0);
  }

  values(): readonly (readonly [value: number, count: number])[] {
    const all = this.#values.map((value, at) => [value, this.#counts[at] ?? 0] as const);
    return all.filter(([, count]) => count > 0);
  }

  since(earlier: HistogramSnapshot): HistogramSnapshot {
    if (!(earlier instanceof CountedValues)) return this;
    const before = new Map(earlier.#values.map((value, at) => [value, earlier.#counts[at] as number]));
    const counts = this.#values.map((value, at) =>
      Math.max(0, (this.#counts[at] as number) - (before.get(value) ?? 0)),
    );
    return new CountedValues(this.#values, counts);
  }

  #seen(): number[] {
    let seen = 0;
    return this.#counts.map((count) => (seen += count));
  }
}
