/** Our own metrics in Prometheus' text format. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { Labels } from "../base/metrics.ts";
import type { FamilyStream } from "../base/metrics-streams.ts";

/** Upper bounds in ms; shown in seconds, Prometheus' unit. */
const boundsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] as const;
const upTo = [...boundsMs.map((ms) => String(ms / 1_000)), "+Inf"];

/** Text for one scrape, a series at a time: of thousands of names it is some hundred MB. */
export function* prometheusTexts(families: Iterable<FamilyStream>): Generator<string> {
  for (const { spec, series } of families) {
    let head = `# HELP ${spec.name} ${escapeHelp(spec.help)}\n# TYPE ${spec.name} ${spec.type}\n`;
    for (const each of series) {
      if ("value" in each) yield `${head}${spec.name}${labelText(each.labels)} ${each.value}\n`;
      else yield `${head}${histogramText(spec.name, each.labels, each.histogram)}`;
      head = "";
    }
  }
}

function histogramText(name: string, labels: Labels, histogram: HistogramSnapshot): string {
  const shown = labelText(labels);
  const open = shown === "" ? "{" : `${shown.slice(0, -1)},`;
  const counts = [...histogram.cumulative(boundsMs), histogram.count];
  let text = "";
  for (const [at, bound] of upTo.entries()) text += `${name}_bucket${open}le="${bound}"} ${counts[at]}\n`;
  return `${text}${name}_sum${shown} ${histogram.sum / 1_000}\n${name}_count${shown} ${histogram.count}\n`;
}

/** `{a="x",b="y"}`, or nothing. */
export function labelText(labels: Labels, separator = ","): string {
  let text = "";
  for (const name of Object.keys(labels)) {
    text += `${text === "" ? "{" : separator}${name}="${escapeLabel(labels[name] ?? "")}"`;
  }
  return text === "" ? "" : `${text}}`;
}

function escapeLabel(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function escapeHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
