/** Counts the attempts of a cluster: how they ended, how long they took, how many are under way. */
import type { Counter, Histogram, Metrics, MetricSpec } from "../../base/metrics.ts";
import type { Scope } from "../../base/scope.ts";
import type { Clock } from "../../base/time.ts";
import { Filter } from "../../http/filter.ts";
import type { Exchange } from "../../http/exchange.ts";
import { type ClusterSlots, Outcome } from "../slots.ts";

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

export interface AttemptStatsParts {
  readonly clock: Clock;
  readonly slots: ClusterSlots;
  readonly metrics: Metrics;
  /** The series go when it closes. */
  readonly scope: Scope;
  readonly labels: { readonly router: string; readonly cluster: string };
}

export class AttemptStats extends Filter {
  readonly #clock: Clock;
  readonly #slots: ClusterSlots;
  readonly #success: Counter;
  readonly #failure: Counter;
  readonly #interrupted: Counter;
  readonly #seconds: Histogram;
  pending = 0;

  constructor({ clock, slots, metrics, scope, labels }: AttemptStatsParts) {
    super();
    this.#clock = clock;
    this.#slots = slots;
    this.#success = metrics.counter(attemptsTotal, { ...labels, result: "success" }, scope);
    this.#failure = metrics.counter(attemptsTotal, { ...labels, result: "failure" }, scope);
    this.#interrupted = metrics.counter(attemptsTotal, { ...labels, result: "interrupted" }, scope);
    this.#seconds = metrics.histogram(attemptSeconds, labels, scope);
    metrics.gauge(attemptsPending, labels, scope, () => this.pending);
  }

  override dispatch(x: Exchange): void {
    this.pending++;
    x.numbers[this.#slots.startedAt] = -1;
    x.numbers[this.#slots.outcome] = Outcome.unknown;
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    const startedAt = x.numbers[this.#slots.startedAt] as number;
    if (startedAt >= 0) this.#seconds.record(this.#answeredAt(x) - startedAt);
    this.prev.respond(x);
  }

  override finish(x: Exchange): void {
    this.pending--;
    const outcome = x.numbers[this.#slots.outcome];
    if (outcome === Outcome.success) this.#success.value++;
    else if (outcome === Outcome.failure) this.#failure.value++;
    else if (outcome === Outcome.unknown && x.failure?.flags.has("interrupted") === false) this.#failure.value++;
    else this.#interrupted.value++;
    this.prev.finish(x);
  }

  /** The endpoint has read the clock for an answer already. */
  #answeredAt(x: Exchange): number {
    return x.failure === undefined ? x.answeredAt : this.#clock.now();
  }
}
