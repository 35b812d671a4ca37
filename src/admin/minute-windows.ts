/** What histograms recorded in the last whole minute, as Linkerd 1 publishes them. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { MetricsView } from "../base/metrics-registry.ts";
import type { Clock } from "../base/time.ts";
import { seriesKey } from "./linkerd-samples.ts";
import { perRequest } from "./per-request.ts";

const minuteMs = 60_000;
/** Past so many minutes nobody reads them regularly. */
const keptMinutes = 10;

/**
 * In a series' first minute the window is all that it has recorded: better a young number than none. There are windows
 * only while somebody reads them: of tens of thousands of names they take as much room as the names' own metrics do.
 */
export class MinuteWindows implements Disposable {
  readonly #registry: Pick<MetricsView, "families">;
  readonly #clock: Clock;
  #atMinute = new Map<string, HistogramSnapshot>();
  #windows = new Map<string, HistogramSnapshot>();
  #timer: Disposable | undefined;
  /** Minutes since somebody read. */
  #unread = 0;

  constructor(registry: Pick<MetricsView, "families">, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  windowOf(key: string, now: HistogramSnapshot): HistogramSnapshot {
    this.#unread = 0;
    this.#timer ??= this.#nextMinute();
    return this.#windows.get(key) ?? now;
  }

  /** Only series that live now are kept. */
  #turn(): void {
    this.#timer = undefined;
    const isRead = ++this.#unread <= keptMinutes;
    if (isRead) this.#timer = this.#nextMinute();
    const atMinute = new Map<string, HistogramSnapshot>();
    const windows = new Map<string, HistogramSnapshot>();
    const keep = (key: string, histogram: HistogramSnapshot): void => {
      const before = this.#atMinute.get(key);
      atMinute.set(key, histogram);
      windows.set(key, before ? histogram.since(before) : histogram);
    };
    const families = isRead ? this.#registry.families() : [];
    for (const { spec, series } of families) {
      for (const each of series) if ("histogram" in each) keep(seriesKey(spec.name, each.labels), each.histogram);
    }
    for (const { spec, labels, histogram } of perRequest(families)) keep(seriesKey(spec.as, labels), histogram);
    this.#atMinute = atMinute;
    this.#windows = windows;
  }

  #nextMinute(): Disposable {
    return this.#clock.timer(minuteMs, () => this.#turn());
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }
}
