/** What the metrics show of a mirror. */
import type { Counter, MetricSpec, Metrics } from "../base/metrics.ts";
import { Scope } from "../base/scope.ts";
import type { Clock } from "../base/time.ts";
import type { MirrorStatus } from "./mirror-status.ts";

const ENTRIES: MetricSpec = {
  name: "linkspan_mirror_entries",
  type: "gauge",
  help: "Entries of a mirror by state: `published`, `held` (absent at the source, and not deleted yet), `forced` (published although the probe did not reach it), and what has none because it is `unreachable`, `dual` (registered at the target itself) or in `conflict`.",
  labels: ["mirror", "state"],
};
const TARGETS: MetricSpec = {
  name: "linkspan_mirror_targets",
  type: "gauge",
  help: "Targets of a mirror by state: `agreed`, `refused`, `troubled`, or `waiting` for anything else.",
  labels: ["mirror", "state"],
};
const WRITES: MetricSpec = {
  name: "linkspan_mirror_writes_total",
  type: "counter",
  help: "Writes of a mirror by what was done and what became of it.",
  labels: ["mirror", "op", "outcome"],
};
const REPAIRS: MetricSpec = {
  name: "linkspan_mirror_repairs_total",
  type: "counter",
  help: "Entries of a mirror that another writer had taken away or changed, and that were put again.",
  labels: ["mirror"],
};
const CONFLICTS: MetricSpec = {
  name: "linkspan_mirror_conflicts",
  type: "gauge",
  help: "Entries of a mirror that another writer has, or keeps taking away.",
  labels: ["mirror"],
};
const HELD: MetricSpec = {
  name: "linkspan_mirror_held_deletions",
  type: "gauge",
  help: "Entries of a mirror that are absent at the source, and wait until enough looks agree and the cap or an approval lets them go.",
  labels: ["mirror"],
};
const AGREEMENT: MetricSpec = {
  name: "linkspan_mirror_agreement_age_seconds",
  type: "gauge",
  help: "How long ago all that stands was last all that should; 0 while it is. Counted by who leads.",
  labels: ["mirror"],
};
const LEADS: MetricSpec = {
  name: "linkspan_mirror_leads",
  type: "gauge",
  help: "Whether this daemon is the one of its group that writes.",
  labels: ["mirror"],
};

/** For the table in the docs. */
export const MIRROR_METRICS: readonly MetricSpec[] = [
  ENTRIES,
  TARGETS,
  WRITES,
  REPAIRS,
  CONFLICTS,
  HELD,
  AGREEMENT,
  LEADS,
];

const OPS = ["put", "remove"] as const;
const OUTCOMES = ["done", "conflict", "refused", "failed"] as const;

export type WriteOp = (typeof OPS)[number];
export type WriteOutcome = (typeof OUTCOMES)[number];

export interface MirrorSeriesParts {
  readonly mirror: string;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly status: () => MirrorStatus;
}

export class MirrorSeries implements AsyncDisposable {
  readonly #scope = new Scope();
  readonly #writes = new Map<string, Counter>();
  readonly #repairs: Counter;
  readonly #since: number;

  constructor({ mirror, metrics, clock, status }: MirrorSeriesParts) {
    const scope = this.#scope;
    this.#since = clock.wall();
    // A scrape reads all gauges in one turn, and a status is made of thousands of targets.
    let last: MirrorStatus | undefined;
    const now = (): MirrorStatus => {
      if (last === undefined) queueMicrotask(() => (last = undefined));
      return (last ??= status());
    };
    const gauge = (
      spec: MetricSpec,
      labels: Readonly<Record<string, string>>,
      read: (s: MirrorStatus) => number,
    ): void => metrics.gauge(spec, { mirror, ...labels }, scope, () => read(now()));
    gauge(ENTRIES, { state: "published" }, ({ totals }) => totals.entries);
    for (const state of ["held", "unreachable", "forced", "dual"] as const)
      gauge(ENTRIES, { state }, ({ totals }) => totals[state]);
    gauge(ENTRIES, { state: "conflict" }, ({ totals }) => totals.conflicts);
    for (const state of ["agreed", "refused", "troubled"] as const) {
      gauge(TARGETS, { state }, ({ targets }) => targets.filter((target) => target.state === state).length);
    }
    const isWaiting = new Set(["pending", "writing", "held"]);
    gauge(TARGETS, { state: "waiting" }, ({ targets }) => targets.filter(({ state }) => isWaiting.has(state)).length);
    gauge(CONFLICTS, {}, ({ totals }) => totals.conflicts);
    gauge(HELD, {}, ({ totals }) => totals.held);
    gauge(AGREEMENT, {}, ({ role, agreedAt }) =>
      role === "leading" ? Math.max(0, clock.wall() - (agreedAt ?? this.#since)) / 1000 : 0,
    );
    gauge(LEADS, {}, ({ role }) => (role === "leading" ? 1 : 0));
    this.#repairs = metrics.counter(REPAIRS, { mirror }, scope);
    for (const op of OPS) {
      for (const outcome of OUTCOMES) {
        this.#writes.set(`${op} ${outcome}`, metrics.counter(WRITES, { mirror, op, outcome }, scope));
      }
    }
  }

  wrote(op: WriteOp, outcome: WriteOutcome): void {
    const counter = this.#writes.get(`${op} ${outcome}`);
    if (counter) counter.value++;
  }

  repaired(): void {
    this.#repairs.value++;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}
