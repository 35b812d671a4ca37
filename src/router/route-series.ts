/** The numbers of a route: shared ones at first, its own as soon as its name has led somewhere. */
import type { LogLinearHistogram } from "../base/histogram.ts";
import type { Counter, Histogram, Metrics, MetricSpec } from "../base/metrics.ts";
import type { Scope } from "../base/scope.ts";

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
export const budgetTokens: MetricSpec = {
  name: "linkspan_budget_tokens",
  type: "gauge",
  help: "Retries that the budget could pay for now.",
  labels: ["router", "service"],
};

/** The name that all share which lead nowhere: what callers make up must not grow the number of series. */
export const UNBOUND = "unbound";

export interface Series {
  readonly success: Counter;
  readonly failure: Counter;
  readonly interrupted: Counter;
  readonly latency: Histogram;
  readonly retries: Counter;
  readonly budgetExhausted: Counter;
}

/** The series of one service; they go when `owner` closes. */
export function openSeries(metrics: Metrics, router: string, service: string, owner: Scope): Series {
  const ended = (how: string): Counter => metrics.counter(requestsTotal, { router, service, class: how }, owner);
  return {
    success: ended("success"),
    failure: ended("failure"),
    interrupted: ended("interrupted"),
    latency: metrics.histogram(requestSeconds, { router, service }, owner),
    retries: metrics.counter(retriesTotal, { router, service }, owner),
    budgetExhausted: metrics.counter(retryBudgetExhaustedTotal, { router, service }, owner),
  };
}

/** The stages of a route hold this, and count in whatever series are current. */
export class RouteSeries {
  current: Series;
  constructor(first: Series) {
    this.current = first;
  }

  /** In ms; 0 where nothing was recorded or the registry cannot say. */
  percentile(p: number): number {
    const { latency } = this.current;
    return isReadable(latency) ? latency.snapshot().percentile(p) : 0;
  }
}

function isReadable(histogram: object): histogram is LogLinearHistogram {
  return "snapshot" in histogram;
}
