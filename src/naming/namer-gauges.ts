/** What the metrics show of a namer's names: how many are watched in which state, and how old the oldest trouble is. */
import type { MetricSpec, Metrics } from "../base/metrics.ts";
import type { Scope } from "../base/scope.ts";
import type { Clock } from "../base/time.ts";
import type { Namer, WatchView } from "./namer.ts";

const STALE: MetricSpec = {
  name: "linkspan_stale_seconds",
  type: "gauge",
  help: "For how long the oldest unconfirmed name of a namer has not been confirmed; 0 when all are.",
  labels: ["namer"],
};
const WATCHES: MetricSpec = {
  name: "linkspan_watches",
  type: "gauge",
  help: "Watches of a namer by state.",
  labels: ["namer", "state"],
};
const HELD: MetricSpec = {
  name: "linkspan_held_names",
  type: "gauge",
  help: "Names of a namer of which the guard holds a loss back.",
  labels: ["namer"],
};

/** For the table in the docs. */
export const NAMER_GAUGES: readonly MetricSpec[] = [STALE, WATCHES, HELD];

const STATES = ["pending", "ok", "stale", "held", "failed"] as const;

export interface NamerGaugesContext {
  /** Of the metrics: the namer's prefix. */
  readonly label: string;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

interface Picture {
  readonly staleSeconds: number;
  readonly held: number;
  readonly byState: ReadonlyMap<WatchView["state"], number>;
}

/** The series go when `owner` closes. */
export function gaugeNamer(source: Namer, context: NamerGaugesContext, owner: Scope): void {
  const { label: namer, metrics, clock } = context;
  // A scrape reads all of them in one turn: the views, of which there may be tens of thousands, are read once for it.
  let last: Picture | undefined;
  const picture = (): Picture => {
    if (last === undefined) queueMicrotask(() => (last = undefined));
    last ??= pictureOf(source.watches?.() ?? [], clock.wall());
    return last;
  };
  metrics.gauge(STALE, { namer }, owner, () => picture().staleSeconds);
  metrics.gauge(HELD, { namer }, owner, () => picture().held);
  for (const state of STATES) {
    metrics.gauge(WATCHES, { namer, state }, owner, () => picture().byState.get(state) ?? 0);
  }
}

function pictureOf(views: readonly WatchView[], wall: number): Picture {
  const byState = new Map<WatchView["state"], number>();
  let oldest = wall;
  let held = 0;
  for (const view of views) {
    byState.set(view.state, (byState.get(view.state) ?? 0) + 1);
    if (view.held) held++;
    if (view.state === "stale" || view.state === "failed") oldest = Math.min(oldest, view.since ?? wall);
  }
  return { staleSeconds: (wall - oldest) / 1000, held, byState };
}
