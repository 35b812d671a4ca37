/** Linkerd 1's metrics as lines for StatsD: what has been counted since the last lines, and what gauges show. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import { ITEMS_A_STEP } from "../base/turn.ts";
import { allOf, placeOf } from "./linkerd-formats.ts";
import type { LinkerdBranch, LinkerdPlace } from "./linkerd-samples.ts";
import { PlaceNotes } from "./place-notes.ts";

/** What was told of before; only places that live now are kept. */
export class StatsdLines {
  readonly #prefix: string;
  readonly #counters = new PlaceNotes<number>();
  readonly #histograms = new PlaceNotes<HistogramSnapshot>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Of some places at a time. What was taken counts as told; who does not take all of it gets the rest the next time. */
  *next(branches: readonly LinkerdBranch[]): Generator<readonly string[]> {
    let lines: string[] = [];
    let count = 0;
    for (const place of allOf(branches)) {
      this.#pushLines(place, lines);
      if (++count % ITEMS_A_STEP !== 0) continue;
      yield lines;
      lines = [];
    }
    yield lines;
    this.#counters.endRound();
    this.#histograms.endRound();
  }

  #pushLines(place: LinkerdPlace, lines: string[]): void {
    const above = placeOf(place).join("/");
    const samples = place.samples((_, metric, histogram) => this.#newOf(place, metric, histogram));
    for (const { metric, value, kind } of samples) {
      const grown = kind === "counter" && typeof value === "number" ? this.#grownBy(place, metric, value) : value;
      if (kind === "counter" && grown === 0) continue;
      const name = nameOf(this.#prefix, `${above}/${metric}`);
      if (typeof grown === "number") lines.push(`${name}:${short(grown)}|${kind === "gauge" ? "g" : "c"}`);
      // So many times a value, as one that was sampled by so much.
      else for (const [ms, times] of grown.values()) lines.push(`${name}:${short(ms)}|ms${sampled(times)}`);
    }
  }

  /** What counts less than before has begun anew. */
  #grownBy(place: LinkerdPlace, metric: string, value: number): number {
    const before = this.#counters.get(place, metric) ?? 0;
    if (value !== 0) this.#counters.set(place, metric, value);
    return value < before ? value : value - before;
  }

  #newOf(place: LinkerdPlace, metric: string, now: HistogramSnapshot): HistogramSnapshot {
    const before = this.#histograms.get(place, metric);
    if (now.count > 0) this.#histograms.set(place, metric, before?.count === now.count ? before : now);
    return before === undefined || before.count > now.count ? now : now.since(before);
  }
}

/** As Linkerd 1 names it: `linkerd.rt.http.client._.io_l5d_fs.web.requests`. */
function nameOf(prefix: string, path: string): string {
  const safe = path.replaceAll(/[^/A-Za-z0-9]/g, "_").replaceAll(/\/+/g, "/");
  return `${prefix}.${safe.replaceAll("/", ".")}`;
}

const sampled = (times: number): string => (times === 1 ? "" : `|@${1 / times}`);
const short = (value: number): string => String(Math.round(value * 1_000) / 1_000);
