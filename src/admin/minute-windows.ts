/** What histograms recorded in the last whole minute, as Linkerd 1 publishes them. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { MetricsView } from "../base/metrics-registry.ts";
import type { Clock } from "../base/time.ts";
import { seriesKey } from "./linkerd-samples.ts";

const minuteMs = 60_000;

/** In a series' first minute the window is all that it has recorded: better a young number than none. */
export class MinuteWindows implements Disposable {
  readonly #registry: MetricsView;
  readonly #clock: Clock;
  #atMinute = new Map<string, HistogramSnapshot>();
  #windows = new Map<string, HistogramSnapshot>();
  #timer: Disposable;

  constructor(registry: MetricsView, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
    this.#timer = clock.timer(minuteMs, () => this.#turn());
  }

  windowOf(key: string, now: HistogramSnapshot): HistogramSnapshot {
    return this.#windows.get(key) ?? now;
  }

  /** Only series that live now are kept. */
  #turn(): void {
    const atMinute = new Map<string, HistogramSnapshot>();
    const windows = new Map<string, HistogramSnapshot>();
    for (const { spec, series } of this.#registry.families()) {
      for (const each of series) {
        if (!("histogram" in each)) continue;
        const key = seriesKey(spec.name, each.labels);
        const before = this.#atMinute.get(key);
        atMinute.set(key, each.histogram);
        windows.set(key, before ? each.histogram.since(before) : each.histogram);
      }
    }
    this.#atMinute = atMinute;
    this.#windows = windows;
    this.#timer = this.#clock.timer(minuteMs, () => this.#turn());
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}
