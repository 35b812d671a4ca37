/** What histograms recorded in the last whole minute, as Linkerd 1 publishes them. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { MetricsView } from "../base/metrics-registry.ts";
import type { Clock } from "../base/time.ts";
import { inTurns, ITEMS_A_STEP } from "../base/turn.ts";
import { allOf } from "./linkerd-formats.ts";
import { linkerdBranches, type LinkerdPlace } from "./linkerd-samples.ts";
import { PlaceNotes } from "./place-notes.ts";

const minuteMs = 60_000;
/** Past so many minutes nobody reads them regularly. */
const keptMinutes = 10;

/** What a histogram held at the end of the last minute, and of the one before. */
interface Minute {
  readonly before: HistogramSnapshot | undefined;
  readonly last: HistogramSnapshot;
}

/**
 * In a series' first minute the window is all that it has recorded: better a young number than none. There are windows
 * only while somebody reads them, and of what has recorded something: of tens of thousands of names they take as much
 * room as the names' own metrics do.
 */
export class MinuteWindows implements Disposable {
  readonly #registry: Pick<MetricsView, "singles" | "tables">;
  readonly #clock: Clock;
  #minutes = new PlaceNotes<Minute>();
  #timer: Disposable | undefined;
  /** Minutes since somebody read. */
  #unread = 0;
  #isClosed = false;

  constructor(registry: Pick<MetricsView, "singles" | "tables">, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  windowOf(place: LinkerdPlace, metric: string, now: HistogramSnapshot): HistogramSnapshot {
    this.#unread = 0;
    this.#timer ??= this.#nextMinute();
    const minute = this.#minutes.get(place, metric);
    if (minute === undefined) return now;
    return minute.before === undefined ? minute.last : minute.last.since(minute.before);
  }

  #turn(): void {
    this.#timer = undefined;
    if (++this.#unread > keptMinutes) this.#minutes = new PlaceNotes();
    else void inTurns(this.#takeDown()).then(() => this.#isClosed || (this.#timer ??= this.#nextMinute()));
  }

  *#takeDown(): Generator<void> {
    let count = 0;
    for (const place of allOf(linkerdBranches(this.#registry))) {
      if (++count % ITEMS_A_STEP === 0) yield;
      if (this.#isClosed) return;
      for (const [metric, now] of place.histograms()) this.#note(place, metric, now);
    }
    this.#minutes.endRound();
  }

  /** Of what rests one is kept for both minutes. */
  #note(place: LinkerdPlace, metric: string, now: HistogramSnapshot): void {
    if (now.count === 0) return;
    const before = this.#minutes.get(place, metric)?.last;
    this.#minutes.set(place, metric, { before, last: before?.count === now.count ? before : now });
  }

  #nextMinute(): Disposable {
    return this.#clock.timer(minuteMs, () => this.#turn());
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
  }
}
