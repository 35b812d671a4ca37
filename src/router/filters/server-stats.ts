/** Counts what a server was asked, and how it answered. */
import type { Counter, Histogram, Metrics, MetricSpec } from "../../base/metrics.ts";
import type { Scope } from "../../base/scope.ts";
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import type { RouterSlots } from "../slots.ts";

const labels = ["router", "server"] as const;

export const serverRequestsTotal: MetricSpec = {
  name: "linkspan_server_requests_total",
  type: "counter",
  help: "Requests that a server took, by the class of the status that the caller got; none where he had left.",
  labels: [...labels, "status"],
};
export const serverRequestSeconds: MetricSpec = {
  name: "linkspan_server_request_seconds",
  type: "histogram",
  help: "The time from a request's head to the head of its answer.",
  labels,
};
export const serverPending: MetricSpec = {
  name: "linkspan_server_pending",
  type: "gauge",
  help: "Requests that a server is busy with.",
  labels,
};
export const serverConnections: MetricSpec = {
  name: "linkspan_server_connections",
  type: "gauge",
  help: "Connections of callers that a server has open.",
  labels,
};
export const failuresTotal: MetricSpec = {
  name: "linkspan_failures_total",
  type: "counter",
  help: "Exchanges that ended in a failure of the router's own, by its code.",
  labels: ["router", "code"],
};

export interface ServerStatsParts {
  readonly slots: RouterSlots;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly scope: Scope;
  readonly labels: { readonly router: string; readonly server: string };
}

export class ServerStats extends Filter {
  readonly #parts: ServerStatsParts;
  readonly #classes: readonly Counter[];
  readonly #none: Counter;
  readonly #seconds: Histogram;
  readonly #failures = new Map<string, Counter>();
  #pending = 0;
  /** Resolves when the last exchange has ended. */
  #idle: (() => void) | undefined;

  constructor(parts: ServerStatsParts) {
    super();
    this.#parts = parts;
    const { metrics, scope } = parts;
    const counter = (status: string): Counter =>
      metrics.counter(serverRequestsTotal, { ...parts.labels, status }, scope);
    this.#none = counter("none");
    this.#classes = [this.#none, ...["1xx", "2xx", "3xx", "4xx", "5xx"].map(counter)];
    this.#seconds = metrics.histogram(serverRequestSeconds, parts.labels, scope);
    metrics.gauge(serverPending, parts.labels, scope, () => this.#pending);
  }

  /** Nothing more comes: resolves when nothing is here. */
  whenIdle(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    return promise;
  }

  override dispatch(x: Exchange): void {
    this.#pending++;
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    const { slots, clock } = this.#parts;
    x.numbers[slots.answered] = 1;
    this.#seconds.record((x.answeredAt || clock.now()) - x.startedAt);
    if (x.failure !== undefined) this.#failed(x.failure.code).value++;
    const silent = x.failure?.status === 0;
    ((silent ? undefined : this.#classes[Math.floor(x.response.status / 100)]) ?? this.#none).value++;
    this.prev.respond(x);
  }

  override finish(x: Exchange): void {
    this.#pending--;
    if (x.numbers[this.#parts.slots.answered] === 0) this.#none.value++;
    if (x.broken !== undefined) this.#failed(x.broken.code).value++;
    this.prev.finish(x);
    if (this.#pending === 0) this.#idle?.();
  }

  #failed(code: string): Counter {
    let counter = this.#failures.get(code);
    if (counter === undefined) {
      const { metrics, scope, labels: of } = this.#parts;
      counter = metrics.counter(failuresTotal, { router: of.router, code }, scope);
      this.#failures.set(code, counter);
    }
    return counter;
  }
}
