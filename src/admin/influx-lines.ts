/** Linkerd 1's metrics as lines of InfluxDB: one for all that stands at one place of its tree. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import { mapped } from "../base/metrics-streams.ts";
import { allOf, asFloat, average } from "./linkerd-formats.ts";
import {
  type LinkerdBranch,
  type LinkerdPlace,
  type LinkerdSample,
  samplePlace,
  type ToldOf,
} from "./linkerd-samples.ts";

const shares = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["p999", 0.999],
  ["p9999", 0.9999],
] as const;

/** `host` is whom the caller asked for; lines come without a time. A text for each place. */
export function influxLines(branches: readonly LinkerdBranch[], told: ToldOf, host: string): Iterable<string> {
  return mapped({ [Symbol.iterator]: () => allOf(branches) }, (place) => linesOf(place, told, host));
}

function linesOf(place: LinkerdPlace, told: ToldOf, host: string): string {
  const { scopes, labels } = samplePlace(place);
  const tags = Object.entries({ ...labels, host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const shownTags = tags.map(([tag, value]) => `,${tag}=${escaped(value)}`).join("");
  const lines = new Map<string, (readonly [name: string, value: string])[]>();
  for (const sample of place.samples(told)) {
    const steps = sample.metric.split("/");
    const name = escaped(steps.pop() ?? "");
    const measurement = [...scopes, ...steps].join(":").replaceAll(/[^A-Za-z0-9:]/g, "_") || "root";
    const fields = lines.get(measurement) ?? [];
    lines.set(measurement, fields);
    fields.push(...fieldsOf(name, sample));
  }
  let text = "";
  for (const [measurement, fields] of lines) {
    const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1));
    text += `${measurement}${shownTags} ${sorted.map(([name, value]) => `${name}=${value}`).join(",")}\n`;
  }
  return text;
}

function fieldsOf(name: string, { value, kind }: LinkerdSample): readonly (readonly [string, string])[] {
  if (typeof value !== "number") return statFields(name, value);
  return [[name, kind === "gauge" ? asFloat(value) : String(value)]];
}

/** With nothing in it all are 0. */
function statFields(name: string, histogram: HistogramSnapshot): readonly (readonly [string, string])[] {
  const { count, sum, min, max } = histogram;
  const isEmpty = count === 0;
  return [
    [`${name}_count`, String(count)],
    [`${name}_sum`, String(sum)],
    [`${name}_avg`, asFloat(average(histogram))],
    [`${name}_min`, String(isEmpty ? 0 : min)],
    [`${name}_max`, String(isEmpty ? 0 : max)],
    ...shares.map(([short, share]) => [`${name}_${short}`, String(isEmpty ? 0 : histogram.percentile(share))] as const),
  ];
}

/** What would end a tag or a field; Linkerd 1 let it. */
function escaped(text: string): string {
  if (!/[,= \\\n]/.test(text)) return text;
  return text.replaceAll(/[,= \\]/g, "\\$&").replaceAll("\n", "\\n");
}
