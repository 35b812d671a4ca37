/** How often requests were tried again, as Linkerd 1 shows it: a histogram, made here of counters. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { FamilyView } from "../base/metrics-registry.ts";
import type { Labels } from "../base/metrics.ts";

/** Of which counters it is made. */
interface PerRequestSpec {
  readonly scope: "service" | "client";
  readonly as: string;
  /** All attempts by name, those that were made again among them where `again` says which. */
  readonly attempts: string;
  readonly again?: string;
  /** How many came to be tried again so many `times`. */
  readonly times: string;
  readonly by: "service" | "cluster";
}

const specs: readonly PerRequestSpec[] = [
  {
    scope: "service",
    as: "retries/per_request",
    attempts: "linkspan_requests_total",
    times: "linkspan_retried_requests_total",
    by: "service",
  },
  {
    scope: "client",
    as: "retries/requeues_per_request",
    attempts: "linkspan_attempts_total",
    again: "linkspan_requeues_total",
    times: "linkspan_requeued_requests_total",
    by: "cluster",
  },
];

export interface PerRequest {
  readonly spec: Pick<PerRequestSpec, "scope" | "as">;
  /** With the labels of the router and the name. */
  readonly labels: Labels;
  readonly histogram: HistogramSnapshot;
}

/** One for each service, and one for each client. */
export function perRequest(families: readonly FamilyView[]): readonly PerRequest[] {
  const byName = new Map(families.map((family) => [family.spec.name, family]));
  return specs.flatMap((spec) => {
    const found = new Map<string, Tally>();
    const add = (name: string | undefined, to: (tally: Tally, value: number, labels: Labels) => void): void => {
      for (const each of (name === undefined ? undefined : byName.get(name))?.series ?? []) {
        if (!("value" in each)) continue;
        const labels = { router: each.labels["router"] ?? "", [spec.by]: each.labels[spec.by] ?? "" };
        const key = JSON.stringify(Object.values(labels));
        const tally = found.get(key) ?? { labels, requests: 0, reached: new Map<number, number>() };
        found.set(key, tally);
        to(tally, each.value, each.labels);
      }
    };
    add(spec.attempts, (tally, value) => (tally.requests += value));
    add(spec.again, (tally, value) => (tally.requests -= value));
    add(spec.times, (tally, value, labels) => tally.reached.set(Number(labels["times"]), value));
    return [...found.values()].map((tally) => ({ spec, labels: tally.labels, histogram: histogramOf(tally) }));
  });
}

interface Tally {
  readonly labels: Labels;
  requests: number;
  readonly reached: Map<number, number>;
}

/** Who reached 3 and not 10 counts as 3. */
function histogramOf({ requests, reached }: Tally): HistogramSnapshot {
  const steps = [...reached].toSorted(([a], [b]) => a - b);
  const values = [0, ...steps.map(([times]) => times)];
  const atLeast = [requests, ...steps.map(([, count]) => count)];
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
    this.count = counts.reduce((total, each) => total + each, 0);
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
