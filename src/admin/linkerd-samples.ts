/** Linkerd 1's names for what we measure, made from the same series; existing dashboards read them. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { Labels } from "../base/metrics.ts";
import type { FamilyView } from "../base/metrics-registry.ts";
import { perRequest } from "./per-request.ts";

/** A leaf of Linkerd's tree: `rt/<router>/<scope>/<id>/<metric>`; of a router `rt/<router>/<metric>`, of the process `jvm/<metric>`. */
export interface LinkerdSample {
  readonly router: string;
  readonly scope: "process" | "router" | "server" | "service" | "client";
  /** Without its first slash; one node of the tree, whatever slashes are in it. */
  readonly id: string;
  readonly metric: string;
  readonly value: number | HistogramSnapshot;
  readonly kind: "counter" | "gauge" | "histogram";
}

/** One leaf's name, and the metric that it is read from. */
export interface LinkerdRow {
  readonly from: string;
  /** Only series with these labels' values, or one of several; all of them are added up. */
  readonly where?: Readonly<Record<string, string | readonly string[]>>;
  readonly scope: Exclude<LinkerdSample["scope"], "process">;
  readonly as: string;
  /** How many of Linkerd's units are one of ours. */
  readonly scale?: number;
}

/** The scopes above a metric without the names in them, and these as labels. */
export function samplePlace({ router, scope, id }: LinkerdSample): {
  readonly scopes: readonly string[];
  readonly labels: Labels;
} {
  if (scope === "process") return { scopes: ["jvm"], labels: {} };
  if (scope === "router") return { scopes: ["rt"], labels: { rt: router } };
  return { scopes: ["rt", scope], labels: { rt: router, [scope]: id } };
}

const idLabels = { router: "", server: "server", service: "service", client: "cluster" } as const;

const answered = ["1xx", "2xx", "3xx", "4xx"];

/** Which of Linkerd's leaves come from which of our metrics. */
export const linkerdRows: readonly LinkerdRow[] = [
  { from: "linkspan_originator", scope: "router", as: "originator" },
  { from: "linkspan_server_requests_total", scope: "server", as: "requests" },
  { from: "linkspan_server_requests_total", where: { status: answered }, scope: "server", as: "success" },
  { from: "linkspan_server_requests_total", where: { status: "5xx" }, scope: "server", as: "failures" },
  { from: "linkspan_server_request_seconds", scope: "server", as: "request_latency_ms" },
  { from: "linkspan_server_pending", scope: "server", as: "pending" },
  { from: "linkspan_server_connections", scope: "server", as: "connections" },
  { from: "linkspan_requests_total", scope: "service", as: "requests" },
  { from: "linkspan_requests_total", where: { class: "success" }, scope: "service", as: "success" },
  { from: "linkspan_requests_total", where: { class: "failure" }, scope: "service", as: "failures" },
  { from: "linkspan_request_seconds", scope: "service", as: "request_latency_ms" },
  { from: "linkspan_requests_pending", scope: "service", as: "pending" },
  { from: "linkspan_retries_total", scope: "service", as: "retries/total" },
  { from: "linkspan_budget_tokens", scope: "service", as: "retries/budget" },
  { from: "linkspan_retry_budget_exhausted_total", scope: "service", as: "retries/budget_exhausted" },
  {
    from: "linkspan_retries_refused_total",
    where: { reason: "body" },
    scope: "service",
    as: "retries/request_stream_too_long",
  },
  {
    from: "linkspan_retries_refused_total",
    where: { reason: "limit" },
    scope: "service",
    as: "retries/backoffs_exhausted",
  },
  { from: "linkspan_attempts_total", scope: "client", as: "requests" },
  { from: "linkspan_attempts_total", where: { result: "success" }, scope: "client", as: "success" },
  { from: "linkspan_attempts_total", where: { result: "failure" }, scope: "client", as: "failures" },
  { from: "linkspan_attempt_seconds", scope: "client", as: "request_latency_ms" },
  { from: "linkspan_attempts_pending", scope: "client", as: "pending" },
  { from: "linkspan_requeues_total", scope: "client", as: "retries/requeues" },
  { from: "linkspan_requeues_not_open_total", scope: "client", as: "retries/not_open" },
  {
    from: "linkspan_requeues_refused_total",
    where: { reason: "budget" },
    scope: "client",
    as: "retries/budget_exhausted",
  },
  { from: "linkspan_requeues_refused_total", where: { reason: "share" }, scope: "client", as: "retries/request_limit" },
  { from: "linkspan_requeues_refused_total", where: { reason: "body" }, scope: "client", as: "retries/cannot_retry" },
  { from: "linkspan_requeue_budget_tokens", scope: "client", as: "retries/budget" },
  {
    from: "linkspan_accrual_events_total",
    where: { event: "removals" },
    scope: "client",
    as: "failure_accrual/removals",
  },
  {
    from: "linkspan_accrual_events_total",
    where: { event: "revivals" },
    scope: "client",
    as: "failure_accrual/revivals",
  },
  { from: "linkspan_accrual_events_total", where: { event: "probes" }, scope: "client", as: "failure_accrual/probes" },
  {
    from: "linkspan_accrual_out_seconds_total",
    scope: "client",
    as: "failure_accrual/removed_for_ms",
    scale: 1000,
  },
  { from: "linkspan_nack_shed_total", scope: "client", as: "nack_admission_control/dropped_requests" },
  { from: "linkspan_endpoint_changes_total", where: { change: "added" }, scope: "client", as: "loadbalancer/adds" },
  {
    from: "linkspan_endpoint_changes_total",
    where: { change: "removed" },
    scope: "client",
    as: "loadbalancer/removes",
  },
  { from: "linkspan_address_updates_total", scope: "client", as: "loadbalancer/updates" },
  { from: "linkspan_address_updates_total", scope: "client", as: "loadbalancer/rebuilds" },
  { from: "linkspan_attempts_pending", scope: "client", as: "loadbalancer/load" },
  { from: "linkspan_endpoints", scope: "client", as: "loadbalancer/size" },
  { from: "linkspan_endpoints", where: { status: "open" }, scope: "client", as: "loadbalancer/available" },
  { from: "linkspan_endpoints", where: { status: "busy" }, scope: "client", as: "loadbalancer/busy" },
  { from: "linkspan_upstream_connections", where: { status: "open" }, scope: "client", as: "connections" },
  { from: "linkspan_upstream_connections", where: { status: "idle" }, scope: "client", as: "pool_cached" },
  { from: "linkspan_parked", where: { where: "endpoint" }, scope: "client", as: "pool_waiters" },
];

/** Every sample of one scrape. A histogram appears as the window that `windowOf` gives of it. */
export function linkerdSamples(
  families: readonly FamilyView[],
  windowOf: (key: string, histogram: HistogramSnapshot) => HistogramSnapshot,
): readonly LinkerdSample[] {
  const byName = new Map(families.map((family) => [family.spec.name, family]));
  const samples = new Map<string, LinkerdSample>();
  for (const row of linkerdRows) {
    const family = byName.get(row.from);
    if (!family) continue;
    for (const series of family.series) {
      if (!matches(series.labels, row.where)) continue;
      const value =
        "value" in series
          ? series.value * (row.scale ?? 1)
          : windowOf(seriesKey(row.from, series.labels), series.histogram);
      add(samples, row, family.spec.type, series.labels, value);
    }
  }
  for (const { spec, labels, histogram } of perRequest(families)) {
    add(samples, spec, "histogram", labels, windowOf(seriesKey(spec.as, labels), histogram));
  }
  return [...samples.values()];
}

/** Names one series, whatever else is in the registry. */
export function seriesKey(name: string, labels: Labels): string {
  return JSON.stringify([name, ...Object.values(labels)]);
}

function matches(labels: Labels, where: LinkerdRow["where"]): boolean {
  return where === undefined || Object.entries(where).every(([name, wanted]) => isOneOf(labels[name] ?? "", wanted));
}

const isOneOf = (value: string, wanted: string | readonly string[]): boolean =>
  typeof wanted === "string" ? value === wanted : wanted.includes(value);

function add(
  samples: Map<string, LinkerdSample>,
  row: Pick<LinkerdRow, "scope" | "as">,
  kind: LinkerdSample["kind"],
  labels: Labels,
  value: LinkerdSample["value"],
): void {
  const router = labels["router"] ?? "";
  const id = (labels[idLabels[row.scope]] ?? "").replace(/^\//, "");
  const key = JSON.stringify([router, row.scope, id, row.as]);
  const before = samples.get(key)?.value;
  const sum = typeof value === "number" && typeof before === "number" ? before + value : value;
  samples.set(key, { router, scope: row.scope, id, metric: row.as, value: sum, kind });
}
