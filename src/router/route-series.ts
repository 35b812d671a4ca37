/** The numbers of a route: shared ones at first, its own as soon as its name has led somewhere. */
import type { MetricSpec, SeriesRow, TableSpec } from "../base/metrics.ts";
import { timesColumns } from "../base/times-columns.ts";

export const requestsTotal: MetricSpec = {
  name: "linkspan_requests_total",
  type: "counter",
  help: "Requests by logical name and by how they ended: success, failure, or interrupted by the caller.",
  labels: ["router", "service", "class"],
};
export const requestSeconds: MetricSpec = {
  name: "linkspan_request_seconds",
  type: "histogram",
  help: "The time from a request's head to the head of its answer, retries included.",
  labels: ["router", "service"],
};
export const requestsPending: MetricSpec = {
  name: "linkspan_requests_pending",
  type: "gauge",
  help: "Requests that a route is busy with.",
  labels: ["router", "service"],
};
export const retriesTotal: MetricSpec = {
  name: "linkspan_retries_total",
  type: "counter",
  help: "Attempts beside the first, because the classifier called an answer retryable.",
  labels: ["router", "service"],
};
export const retryBudgetExhaustedTotal: MetricSpec = {
  name: "linkspan_retry_budget_exhausted_total",
  type: "counter",
  help: "Retries that were not made because the budget could not pay for them.",
  labels: ["router", "service"],
};
export const retriedTotal: MetricSpec = {
  name: "linkspan_retried_requests_total",
  type: "counter",
  help: "Requests that were retried at least so many times.",
  labels: ["router", "service", "times"],
};
export const retriesRefusedTotal: MetricSpec = {
  name: "linkspan_retries_refused_total",
  type: "counter",
  help: "Retries that were not made although the budget was not asked: the request had its share of them, its body was longer than what is kept, the time was too short, or the answer asked for a longer wait.",
  labels: ["router", "service", "reason"],
};
export const budgetTokens: MetricSpec = {
  name: "linkspan_budget_tokens",
  type: "gauge",
  help: "Retries that the budget could pay for now.",
  labels: ["router", "service"],
};

export const hedgesTotal: MetricSpec = {
  name: "linkspan_hedges_total",
  type: "counter",
  help: "Requests that were sent to a second endpoint because the first was slow, and how many of these it answered.",
  labels: ["router", "service", "result"],
};
export const rateLimitedTotal: MetricSpec = {
  name: "linkspan_rate_limited_total",
  type: "counter",
  help: "Requests that were refused because their route, or their caller, had sent too many.",
  labels: ["router", "service"],
};

/** The name that all share which lead nowhere: what callers make up must not grow the number of series. */
export const UNBOUND = "unbound";

/** The counters of a route, by their columns. */
export const Counted = {
  success: 0,
  failure: 1,
  interrupted: 2,
  retries: 3,
  budgetExhausted: 4,
  hedges: 5,
  hedgesWon: 6,
  rateLimited: 7,
  body: 8,
  limit: 9,
  time: 10,
  "push-back": 11,
  /** As `timesColumn` says, from here on. */
  retried: 12,
} as const;
/** Its gauges, by theirs. */
export const Shown = { pending: 0, budget: 1 } as const;

/** What a router has of each service. */
export const routeTable: TableSpec = {
  by: "service",
  counters: [
    { spec: requestsTotal, labels: { class: "success" } },
    { spec: requestsTotal, labels: { class: "failure" } },
    { spec: requestsTotal, labels: { class: "interrupted" } },
    { spec: retriesTotal },
    { spec: retryBudgetExhaustedTotal },
    { spec: hedgesTotal, labels: { result: "sent" } },
    { spec: hedgesTotal, labels: { result: "won" } },
    { spec: rateLimitedTotal },
    { spec: retriesRefusedTotal, labels: { reason: "body" }, isRare: true },
    { spec: retriesRefusedTotal, labels: { reason: "limit" }, isRare: true },
    { spec: retriesRefusedTotal, labels: { reason: "time" }, isRare: true },
    { spec: retriesRefusedTotal, labels: { reason: "push-back" }, isRare: true },
    ...timesColumns(retriedTotal),
  ],
  gauges: [{ spec: requestsPending }, { spec: budgetTokens }],
  histogram: requestSeconds,
};

/** The stages of a route hold this, and count in whatever row is current. */
export class RouteSeries {
  current: SeriesRow;
  constructor(first: SeriesRow) {
    this.current = first;
  }
}
