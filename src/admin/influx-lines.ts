/** Linkerd 1's metrics as lines of InfluxDB: one for all that stands at one place of its tree. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import { asFloat, average } from "./linkerd-formats.ts";
import { type LinkerdSample, samplePlace } from "./linkerd-samples.ts";

const shares = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["p999", 0.999],
  ["p9999", 0.9999],
] as const;

interface Line {
  readonly start: string;
  readonly fields: Map<string, string>;
}

/** `host` is whom the caller asked for; lines come without a time. */
export function influxLines(samples: readonly LinkerdSample[], host: string): string {
  const lines = new Map<string, Line>();
  for (const sample of samples) {
    const { scopes, labels } = samplePlace(sample);
    const steps = sample.metric.split("/");
    const name = steps.pop() ?? "";
    const measurement = [...scopes, ...steps].join(":").replaceAll(/[^A-Za-z0-9:]/g, "_") || "root";
    const tags = Object.entries({ ...labels, host }).sort(([a], [b]) => (a < b ? -1 : 1));
    const start = [measurement, ...tags.map(([tag, value]) => `${tag}=${escaped(value)}`)].join(",");
    const line = lines.get(start) ?? { start, fields: new Map() };
    lines.set(start, line);
    for (const [field, value] of fieldsOf(name, sample)) line.fields.set(field, value);
  }
  return [...lines.values()].map(shown).join("");
}

function shown({ start, fields }: Line): string {
  const sorted = [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${start} ${sorted.map(([name, value]) => `${escaped(name)}=${value}`).join(",")}\n`;
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
  return text.replaceAll(/[,= \\]/g, "\\$&").replaceAll("\n", "\\n");
}
