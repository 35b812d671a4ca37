/** What metrics tell of the running configuration, and of the reloads that led to it. */
import type { MetricSpec, Metrics } from "../base/metrics.ts";
import type { Scope } from "../base/scope.ts";
import type { Clock } from "../base/time.ts";
import type { ReloadReport } from "./report.ts";

export const configReloadsTotal: MetricSpec = {
  name: "linkspan_config_reloads_total",
  type: "counter",
  help: "Times that the file was read again: applied, unchanged (it means what runs), refused (nothing was applied).",
  labels: ["result"],
};
export const configLastReloadSuccess: MetricSpec = {
  name: "linkspan_config_last_reload_success",
  type: "gauge",
  help: "1 where the file was good when it was last read, 0 where it was refused and an older one runs.",
  labels: [],
};
export const configLastReloadSeconds: MetricSpec = {
  name: "linkspan_config_last_reload_timestamp_seconds",
  type: "gauge",
  help: "When the file that runs was taken up, in seconds since the epoch.",
  labels: [],
};
export const configInfo: MetricSpec = {
  name: "linkspan_config_info",
  type: "gauge",
  help: "1; the hash says what runs, and is the same for all processes that run the same.",
  labels: ["hash"],
};

/** For the table in the docs. */
export const RELOAD_METRICS: readonly MetricSpec[] = [
  configReloadsTotal,
  configLastReloadSuccess,
  configLastReloadSeconds,
  configInfo,
];

export class ReloadMetrics {
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #owner: Scope;
  readonly #counters: Readonly<Record<ReloadReport["result"], { value: number }>>;
  #info: Scope | undefined;
  #success = 1;
  #appliedAt: number;

  constructor(hash: string, metrics: Metrics, clock: Clock, owner: Scope) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#owner = owner;
    this.#appliedAt = clock.wall();
    const counter = (result: string) => metrics.counter(configReloadsTotal, { result }, owner);
    this.#counters = { applied: counter("applied"), unchanged: counter("unchanged"), refused: counter("refused") };
    metrics.gauge(configLastReloadSuccess, {}, owner, () => this.#success);
    metrics.gauge(configLastReloadSeconds, {}, owner, () => this.#appliedAt / 1_000);
    this.#tell(hash);
  }

  count({ result, hash }: Pick<ReloadReport, "result" | "hash">): void {
    this.#counters[result].value++;
    this.#success = result === "refused" ? 0 : 1;
    if (result !== "applied") return;
    this.#appliedAt = this.#clock.wall();
    this.#tell(hash);
  }

  #tell(hash: string): void {
    void this.#info?.close();
    this.#info = this.#owner.child();
    this.#metrics.gauge(configInfo, { hash }, this.#info, () => 1);
  }
}
