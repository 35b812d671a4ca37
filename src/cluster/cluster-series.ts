/** The numbers of a cluster: what they are called, and which column of its row each has. */
import type { MetricSpec, TableSpec } from "../base/metrics.ts";
import { timesColumns } from "../base/times-columns.ts";
import type { AccrualCounts } from "./accrual.ts";

export const attemptsTotal: MetricSpec = {
  name: "linkspan_attempts_total",
  type: "counter",
  help: "Attempts by how they ended: success, failure, or interrupted by the caller.",
  labels: ["router", "cluster", "result"],
};

export const attemptSeconds: MetricSpec = {
  name: "linkspan_attempt_seconds",
  type: "histogram",
  help: "The time from the choice of an endpoint to the head of its answer.",
  labels: ["router", "cluster"],
};

export const attemptsPending: MetricSpec = {
  name: "linkspan_attempts_pending",
  type: "gauge",
  help: "Attempts under way.",
  labels: ["router", "cluster"],
};

export const requeuesTotal: MetricSpec = {
  name: "linkspan_requeues_total",
  type: "counter",
  help: "Exchanges that were sent to another endpoint because they had not reached the first.",
  labels: ["router", "cluster"],
};

export const requeuesNotOpenTotal: MetricSpec = {
  name: "linkspan_requeues_not_open_total",
  type: "counter",
  help: "Exchanges that were not sent to another endpoint because none was open.",
  labels: ["router", "cluster"],
};

export const requeuesRefusedTotal: MetricSpec = {
  name: "linkspan_requeues_refused_total",
  type: "counter",
  help: "Exchanges that were not sent to another endpoint: the budget could not pay, or one exchange had its share of it, or its body was on its way.",
  labels: ["router", "cluster", "reason"],
};

export const requeuedTotal: MetricSpec = {
  name: "linkspan_requeued_requests_total",
  type: "counter",
  help: "Exchanges that were sent again at least so many times.",
  labels: ["router", "cluster", "times"],
};

export const requeueBudgetTokens: MetricSpec = {
  name: "linkspan_requeue_budget_tokens",
  type: "gauge",
  help: "Requeues of what was sent and refused that the budget could pay for now.",
  labels: ["router", "cluster"],
};

export const clusterShedTotal: MetricSpec = {
  name: "linkspan_cluster_shed_total",
  type: "counter",
  help: "Exchanges refused at once because as many were under way to the cluster, and waited for it, as may.",
  labels: ["router", "cluster"],
};

export const nackShedTotal: MetricSpec = {
  name: "linkspan_nack_shed_total",
  type: "counter",
  help: "Attempts refused at once because endpoints of the cluster had refused more than half of what they were sent.",
  labels: ["router", "cluster"],
};

export const clusterLimit: MetricSpec = {
  name: "linkspan_cluster_limit",
  type: "gauge",
  help: "Exchanges that may be under way to the cluster at once; -1 for any number.",
  labels: ["router", "cluster"],
};

export const clusterEndpoints: MetricSpec = {
  name: "linkspan_endpoints",
  type: "gauge",
  help: "Endpoints by status.",
  labels: ["router", "cluster", "status"],
};

export const endpointChangesTotal: MetricSpec = {
  name: "linkspan_endpoint_changes_total",
  type: "counter",
  help: "Endpoints that came into the set of a cluster, and that left it.",
  labels: ["router", "cluster", "change"],
};

export const addressUpdatesTotal: MetricSpec = {
  name: "linkspan_address_updates_total",
  type: "counter",
  help: "Sets of addresses that a cluster was told, each another than the one before.",
  labels: ["router", "cluster"],
};

export const clusterOut: MetricSpec = {
  name: "linkspan_endpoints_out",
  type: "gauge",
  help: "Endpoints that are out, by what took them out: connects that failed, failure accrual, or active health checks.",
  labels: ["router", "cluster", "by"],
};

export const accrualTotal: MetricSpec = {
  name: "linkspan_accrual_events_total",
  type: "counter",
  help: "What failure accrual did: endpoints taken out (removals), requests that tested one (probes), and those back in use (revivals).",
  labels: ["router", "cluster", "event"],
};

export const accrualOutSecondsTotal: MetricSpec = {
  name: "linkspan_accrual_out_seconds_total",
  type: "counter",
  help: "For how long failure accrual took endpoints out, added up when it did.",
  labels: ["router", "cluster"],
};

export const clusterPanic: MetricSpec = {
  name: "linkspan_panic",
  type: "gauge",
  help: "1 while so few endpoints are open that all are used, whatever their status.",
  labels: ["router", "cluster"],
};

export const clusterConnections: MetricSpec = {
  name: "linkspan_upstream_connections",
  type: "gauge",
  help: "Connections to endpoints by status.",
  labels: ["router", "cluster", "status"],
};

export const clusterParked: MetricSpec = {
  name: "linkspan_parked",
  type: "gauge",
  help: "Exchanges that wait: for addresses of a cluster, for their turn where as many are under way as may, or for a connection to an endpoint.",
  labels: ["router", "cluster", "where"],
};

/** Hears what a cluster counts that is not on the way of requests. */
export interface ClusterCounts extends AccrualCounts {
  /** It has another set of endpoints: so many are new, and so many left. */
  replaced(added: number, removed: number): void;
}

/** The counters of a cluster, by their columns. */
export const Counted = {
  success: 0,
  failure: 1,
  interrupted: 2,
  requeues: 3,
  notOpen: 4,
  budgetExhausted: 5,
  requestLimit: 6,
  cannotRetry: 7,
  shed: 8,
  removals: 9,
  revivals: 10,
  probes: 11,
  outSeconds: 12,
  added: 13,
  removed: 14,
  updates: 15,
  nackShed: 16,
  /** As `timesColumn` says, from here on. */
  requeued: 17,
} as const;
/** Its gauges, by theirs. */
export const Shown = {
  pending: 0,
  openEndpoints: 1,
  busyEndpoints: 2,
  openConnections: 3,
  idleConnections: 4,
  parkedHere: 5,
  parkedAtEndpoints: 6,
  budget: 7,
  parkedByLimit: 8,
  limit: 9,
  panic: 10,
  outByConnects: 11,
  outByAccrual: 12,
  outByChecks: 13,
} as const;

/** What a router has of each cluster. */
export const clusterTable: TableSpec = {
  by: "cluster",
  counters: [
    { spec: attemptsTotal, labels: { result: "success" } },
    { spec: attemptsTotal, labels: { result: "failure" } },
    { spec: attemptsTotal, labels: { result: "interrupted" } },
    { spec: requeuesTotal },
    { spec: requeuesNotOpenTotal },
    { spec: requeuesRefusedTotal, labels: { reason: "budget" } },
    { spec: requeuesRefusedTotal, labels: { reason: "share" } },
    { spec: requeuesRefusedTotal, labels: { reason: "body" } },
    { spec: clusterShedTotal },
    { spec: accrualTotal, labels: { event: "removals" } },
    { spec: accrualTotal, labels: { event: "revivals" } },
    { spec: accrualTotal, labels: { event: "probes" } },
    { spec: accrualOutSecondsTotal, isRare: true },
    { spec: endpointChangesTotal, labels: { change: "added" } },
    { spec: endpointChangesTotal, labels: { change: "removed" } },
    { spec: addressUpdatesTotal },
    { spec: nackShedTotal, isRare: true },
    ...timesColumns(requeuedTotal),
  ],
  gauges: [
    { spec: attemptsPending },
    { spec: clusterEndpoints, labels: { status: "open" } },
    { spec: clusterEndpoints, labels: { status: "busy" } },
    { spec: clusterConnections, labels: { status: "open" } },
    { spec: clusterConnections, labels: { status: "idle" } },
    { spec: clusterParked, labels: { where: "cluster" } },
    { spec: clusterParked, labels: { where: "endpoint" } },
    { spec: requeueBudgetTokens },
    { spec: clusterParked, labels: { where: "limit" } },
    { spec: clusterLimit },
    { spec: clusterPanic },
    { spec: clusterOut, labels: { by: "connects" } },
    { spec: clusterOut, labels: { by: "accrual" } },
    { spec: clusterOut, labels: { by: "checks" } },
  ],
  histogram: attemptSeconds,
};
