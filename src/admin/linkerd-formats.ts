/** Linkerd 1's two forms of its metrics: flat JSON (or a tree of it), and Prometheus lines without types. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import { mapped } from "../base/metrics-streams.ts";
import {
  type LinkerdBranch,
  type LinkerdPlace,
  type LinkerdSample,
  samplePlace,
  type ToldOf,
} from "./linkerd-samples.ts";
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

/** The nodes above a metric: `rt`, `http`, `service`, `svc/users`. */
export function placeOf({ router, scope, id }: Pick<LinkerdSample, "router" | "scope" | "id">): readonly string[] {
  if (scope === "process") return ["jvm"];
  return scope === "router" ? ["rt", router] : ["rt", router, scope, id];
}

/** In the order in which they are read. */
export function* allOf(branches: readonly LinkerdBranch[]): Generator<LinkerdPlace> {
  for (const { places } of branches) yield* places;
}

function* inOrder(branches: readonly LinkerdBranch[]): Generator<LinkerdPlace> {
  const paths = branches.map((branch) => [placeOf({ ...branch, id: "" }).join("/"), branch] as const);
  for (const [, { places }] of paths.sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield* [...places].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

export interface JsonOptions {
  /** Only what is below it. */
  readonly subtree?: string | undefined;
  /** Indented, and in order: place after place, and in each of them leaf after leaf. */
  readonly isPretty?: boolean;
}

/** `{"rt/http/service/svc/users/requests":12}`, a text for each place; none at all where nothing is below `subtree`. */
export function* flatJson(
  branches: readonly LinkerdBranch[],
  told: ToldOf,
  { subtree, isPretty = false }: JsonOptions = {},
): Generator<string> {
  const [line, colon] = isPretty ? ["\n  ", ": "] : ["", ":"];
  let isFirst = true;
  for (const place of isPretty ? inOrder(branches) : allOf(branches)) {
    let text = "";
    for (const [path, value] of numbersOf(place, told, subtree, isPretty)) {
      text += `${isFirst ? "{" : ","}${line}${JSON.stringify(path)}${colon}${JSON.stringify(value)}`;
      isFirst = false;
    }
    yield text;
  }
  if (isFirst && subtree !== undefined) return;
  yield isFirst ? "{}\n" : isPretty ? "\n}\n" : "}\n";
}

function numbersOf(
  place: LinkerdPlace,
  told: ToldOf,
  subtree: string | undefined,
  isSorted: boolean,
): readonly (readonly [path: string, value: number])[] {
  const above = placeOf(place).join("/");
  if (subtree !== undefined && !isBelow(above, subtree) && !isBelow(subtree, above)) return [];
  const all = place.samples(told).flatMap(({ metric, value }): (readonly [string, number])[] => {
    const path = `${above}/${metric}`;
    if (subtree !== undefined && !isBelow(path, subtree)) return [];
    if (typeof value === "number") return [[path, value]];
    return Object.entries(statOf(value)).map(([name, each]) => [`${path}.${name}`, each]);
  });
  return isSorted ? all.sort(([a], [b]) => (a < b ? -1 : 1)) : all;
}

/** Or the same. */
const isBelow = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`);

interface TreeNode {
  [name: string]: TreeNode | number;
}

/** Nested objects; a leaf is `{"counter": n}`, `{"gauge": n}` or `{"stat.count": n, ...}`. */
export function* treeJson(branches: readonly LinkerdBranch[], told: ToldOf): Generator<string> {
  const shown = (place: LinkerdPlace): Iterable<string> => [JSON.stringify(nodeOf(place.samples(told)))];
  const own = branches.filter(({ scope }) => scope === "process").flatMap(({ places }) => [...places]);
  const routers = new Set(branches.filter(({ scope }) => scope !== "process").map(({ router }) => router));
  const nodes = function* (router: string): Generator<readonly [string, Iterable<string>]> {
    for (const { scope, places } of branches.filter((each) => each.router === router && each.scope !== "process")) {
      if (scope !== "router") yield [scope, objectText(mapped(places, (place) => [place.id, shown(place)]))];
      else for (const place of places) yield* ownNodes(place.samples(told));
    }
  };
  const routerNodes = mapped(routers, (router) => [router, objectText(nodes(router))] as const);
  yield* objectText([
    ...own.map((place) => ["jvm", shown(place)] as const),
    ...(routers.size === 0 ? [] : [["rt", objectText(routerNodes)] as const]),
  ]);
  yield "\n";
}

function* objectText(entries: Iterable<readonly [name: string, text: Iterable<string>]>): Generator<string> {
  let before = "{";
  for (const [name, text] of entries) {
    yield `${before}${JSON.stringify(name)}:`;
    yield* text;
    before = ",";
  }
  yield before === "{" ? "{}" : "}";
}

function ownNodes(samples: readonly LinkerdSample[]): readonly (readonly [string, Iterable<string>])[] {
  return Object.entries(nodeOf(samples)).map(([name, node]) => [name, [JSON.stringify(node)]]);
}

function nodeOf(samples: readonly LinkerdSample[]): TreeNode {
  const root: TreeNode = {};
  for (const { metric, value, kind } of samples) {
    let node = root;
    for (const step of metric.split("/")) {
      const known = node[step];
      const next: TreeNode = typeof known === "object" ? known : {};
      node[step] = next;
      node = next;
    }
    if (typeof value === "number") node[kind] = value;
    else for (const [name, each] of Object.entries(statOf(value))) node[`stat.${name}`] = each;
  }
  return root;
}

/** `rt:service:requests{rt="http", service="svc/users"} 12`, a text for each place. */
export function* prometheusLines(branches: readonly LinkerdBranch[], told: ToldOf, prefix = ""): Generator<string> {
  for (const place of allOf(branches)) {
    const { scopes, labels } = samplePlace(place);
    const shown = labelText(labels, ", ");
    const above = scopes.join(":");
    let text = "";
    for (const { metric, value, kind } of place.samples(told)) {
      const name = `${prefix}${`${above}:${metric.replaceAll("/", ":")}`.replaceAll(/[^A-Za-z0-9:]/g, "_")}`;
      if (typeof value !== "number") text += statLines(name, shown, value);
      else text += `${name}${shown} ${kind === "gauge" ? asFloat(value) : value}\n`;
    }
    yield text;
  }
}

function statLines(name: string, shown: string, histogram: HistogramSnapshot): string {
  if (histogram.count === 0) return "";
  const open = shown === "" ? "{" : `${shown.slice(0, -1)}, `;
  let text = `${name}_count${shown} ${histogram.count}\n${name}_sum${shown} ${histogram.sum}\n`;
  text += `${name}_avg${shown} ${asFloat(average(histogram))}\n`;
  for (const share of prometheusQuantiles) {
    text += `${name}${open}quantile="${share}"} ${histogram.percentile(share)}\n`;
  }
  return text;
}

export function asFloat(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
