/** Linkerd 1's metrics as lines for StatsD: what has been counted since the last lines, and what gauges show. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import { pathOf } from "./linkerd-formats.ts";
import type { LinkerdSample } from "./linkerd-samples.ts";

/** As Linkerd 1 names it: `linkerd.rt.http.client._.io_l5d_fs.web.requests`. */
function nameOf(prefix: string, sample: LinkerdSample): string {
  const path = pathOf(sample)
    .replaceAll(/[^/A-Za-z0-9]/g, "_")
    .replaceAll(/\/+/g, "/");
  return `${prefix}.${path.replaceAll("/", ".")}`;
}

/** What was told of before; only series that live now are kept. */
export class StatsdLines {
  readonly #prefix: string;
  #counters: ReadonlyMap<string, number> = new Map();
  #histograms: ReadonlyMap<string, HistogramSnapshot> = new Map();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** `read` gives the samples of now, and asks what of a histogram is new. */
  async next(
    read: (
      windowOf: (key: string, histogram: HistogramSnapshot) => HistogramSnapshot,
    ) => Promise<readonly LinkerdSample[]>,
  ): Promise<readonly string[]> {
    const histograms = new Map<string, HistogramSnapshot>();
    const samples = await read((key, histogram) => {
      histograms.set(key, histogram);
      const before = this.#histograms.get(key);
      return before === undefined || before.count > histogram.count ? histogram : histogram.since(before);
    });
    const counters = new Map<string, number>();
    const lines = samples.flatMap((sample) => this.#linesOf(sample, counters));
    this.#histograms = histograms;
    this.#counters = counters;
    return lines;
  }

  #linesOf(sample: LinkerdSample, counters: Map<string, number>): readonly string[] {
    const { value, kind } = sample;
    const name = nameOf(this.#prefix, sample);
    // So many times a value, as one that was sampled by so much.
    if (typeof value !== "number") {
      return value.values().map(([ms, count]) => `${name}:${short(ms)}|ms${count === 1 ? "" : `|@${1 / count}`}`);
    }
    if (kind === "gauge") return [`${name}:${short(value)}|g`];
    const path = pathOf(sample);
    counters.set(path, value);
    const before = this.#counters.get(path) ?? 0;
    // What counts less than before has begun anew.
    const grown = value < before ? value : value - before;
    return grown === 0 ? [] : [`${name}:${short(grown)}|c`];
  }
}

const short = (value: number): string => String(Math.round(value * 1_000) / 1_000);
