/** Which of Linkerd 1's metrics come from which of ours. */

/** What is below a router: of itself, of a server, of a logical name, or of a bound one. */
export type LinkerdScope = "router" | "server" | "service" | "client";

/** One leaf's name, and the metric that it is read from. */
export interface LinkerdRow {
  readonly from: string;
  /** Only series with these labels' values, or one of several; all of them are added up. */
  readonly where?: Readonly<Record<string, string | readonly string[]>>;
  readonly scope: LinkerdScope;
  readonly as: string;
  /** How many of Linkerd's units are one of ours. */
  readonly scale?: number;
}

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
