/** Linkerd 1's two forms of its metrics: flat JSON (or a tree of it), and Prometheus lines without types. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { Labels } from "../base/metrics.ts";
import { type LinkerdSample, samplePlace } from "./linkerd-samples.ts";
import { labelText } from "./prometheus-text.ts";

const quantiles = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["p9990", 0.999],
  ["p9999", 0.9999],
] as const;

const prometheusQuantiles = [0, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1] as const;

export function average(histogram: HistogramSnapshot): number {
  return histogram.count === 0 ? 0 : histogram.sum / histogram.count;
}

function statOf(histogram: HistogramSnapshot): Record<string, number> {
  if (histogram.count === 0) return { count: 0 };
  const { count, max, min, sum } = histogram;
  const shares = quantiles.map(([name, share]) => [name, histogram.percentile(share)] as const);
  return { count, max, min, ...Object.fromEntries(shares), sum, avg: average(histogram) };
}

/** Its place in Linkerd's tree: `rt/http/service/svc/users/requests`. */
export function pathOf(sample: LinkerdSample): string {
  return [...placeOf(sample), sample.metric].join("/");
}

/** The nodes above a metric. */
function placeOf({ router, scope, id }: LinkerdSample): readonly string[] {
  if (scope === "process") return ["jvm"];
  return scope === "router" ? ["rt", router] : ["rt", router, scope, id];
}

/** `"rt/http/service/svc/users/requests": 12`; below `subtree` only, when one is given. */
export function flatJson(samples: readonly LinkerdSample[], subtree: string | undefined): Record<string, number> {
  const flat: Record<string, number> = {};
  for (const sample of samples) {
    const path = pathOf(sample);
    if (subtree !== undefined && path !== subtree && !path.startsWith(`${subtree}/`)) continue;
    if (typeof sample.value === "number") flat[path] = sample.value;
    else for (const [name, value] of Object.entries(statOf(sample.value))) flat[`${path}.${name}`] = value;
  }
  return flat;
}

interface TreeNode {
  [name: string]: TreeNode | number;
}

/** Nested objects; a leaf is `{"counter": n}`, `{"gauge": n}` or `{"stat.count": n, ...}`. */
export function treeJson(samples: readonly LinkerdSample[]): TreeNode {
  const root: TreeNode = {};
  for (const sample of samples) {
    let node = root;
    for (const step of [...placeOf(sample), ...sample.metric.split("/")]) {
      const known = node[step];
      const next: TreeNode = typeof known === "object" ? known : {};
      node[step] = next;
      node = next;
    }
    if (typeof sample.value === "number") node[sample.kind] = sample.value;
    else for (const [name, value] of Object.entries(statOf(sample.value))) node[`stat.${name}`] = value;
  }
  return root;
}

/** `rt:service:requests{rt="http", service="svc/users"} 12` */
export function prometheusLines(samples: readonly LinkerdSample[], prefix = ""): string {
  const lines: string[] = [];
  for (const sample of samples) {
    const { scopes, labels } = samplePlace(sample);
    const name = `${prefix}${[...scopes, sample.metric.replaceAll("/", ":")].join(":").replaceAll(/[^A-Za-z0-9:]/g, "_")}`;
    if (typeof sample.value !== "number") pushStat(lines, name, labels, sample.value);
    else
      lines.push(`${name}${labelText(labels, ", ")} ${sample.kind === "gauge" ? asFloat(sample.value) : sample.value}`);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function pushStat(lines: string[], name: string, labels: Labels, histogram: HistogramSnapshot): void {
  if (histogram.count === 0) return;
  const shown = labelText(labels, ", ");
  lines.push(`${name}_count${shown} ${histogram.count}`, `${name}_sum${shown} ${histogram.sum}`);
  lines.push(`${name}_avg${shown} ${asFloat(average(histogram))}`);
  for (const share of prometheusQuantiles) {
    lines.push(`${name}${labelText({ ...labels, quantile: String(share) }, ", ")} ${histogram.percentile(share)}`);
  }
}

export function asFloat(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
