/** Our own metrics in Prometheus' text format. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { Labels } from "../base/metrics.ts";
import type { FamilyView } from "../base/metrics-registry.ts";

/** Upper bounds in ms; shown in seconds, Prometheus' unit. */
const boundsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] as const;

/** Text for one scrape. */
export function prometheusText(families: readonly FamilyView[]): string {
  const lines: string[] = [];
  for (const { spec, series } of families) {
    lines.push(`# HELP ${spec.name} ${escapeHelp(spec.help)}`, `# TYPE ${spec.name} ${spec.type}`);
    for (const each of series) {
      if ("value" in each) lines.push(`${spec.name}${labelText(each.labels)} ${each.value}`);
      else pushHistogram(lines, spec.name, each.labels, each.histogram);
    }
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function pushHistogram(lines: string[], name: string, labels: Labels, histogram: HistogramSnapshot): void {
  const counts = histogram.cumulative(boundsMs);
  for (const [at, bound] of boundsMs.entries()) {
    lines.push(`${name}_bucket${labelText({ ...labels, le: String(bound / 1_000) })} ${counts[at]}`);
  }
  lines.push(`${name}_bucket${labelText({ ...labels, le: "+Inf" })} ${histogram.count}`);
  lines.push(
    `${name}_sum${labelText(labels)} ${histogram.sum / 1_000}`,
    `${name}_count${labelText(labels)} ${histogram.count}`,
  );
}

/** `{a="x",b="y"}`, or nothing. */
export function labelText(labels: Labels, separator = ","): string {
  const shown = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return shown.length === 0 ? "" : `{${shown.join(separator)}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function escapeHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
