/** Linkerd 1's metrics, made from the same series as ours; existing dashboards read them. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { Column, Labels } from "../base/metrics.ts";
import type { MetricsView } from "../base/metrics-registry.ts";
import { chained, mapped } from "../base/metrics-streams.ts";
import { numberColumns, type RowNumbers, type TableView } from "../base/metrics-table.ts";
import { type LinkerdLeaf, leavesOf, type ReadColumn, type Shown } from "./linkerd-leaves.ts";
import { type LinkerdScope, linkerdRows } from "./linkerd-rows.ts";

/** A leaf of Linkerd's tree: `rt/<router>/<scope>/<id>/<metric>`; of a router `rt/<router>/<metric>`, of the process `jvm/<metric>`. */
export interface LinkerdSample {
  readonly router: string;
  readonly scope: LinkerdScope | "process";
  /** Without its first slash; one node of the tree, whatever slashes are in it. */
  readonly id: string;
  readonly metric: string;
  readonly value: number | HistogramSnapshot;
  readonly kind: "counter" | "gauge" | "histogram";
}

/** All places of one scope of a router; in the process there is one. */
export interface LinkerdBranch {
  readonly router: string;
  readonly scope: LinkerdSample["scope"];
  /** Of which there may be tens of thousands: each is made while it is read. */
  readonly places: Iterable<LinkerdPlace>;
}

/** A node of the tree. */
export interface LinkerdPlace extends Pick<LinkerdSample, "router" | "scope" | "id"> {
  /** What our series call it. */
  readonly name: string;
  /** Read now. Of a histogram it is what `told` gives of it. */
  samples(told: ToldOf): readonly LinkerdSample[];
  /** The same, of histograms alone and as they are. */
  histograms(): Iterable<readonly [metric: string, HistogramSnapshot]>;
}

/** Which part of a histogram is told. */
export type ToldOf = (place: LinkerdPlace, metric: string, now: HistogramSnapshot) => HistogramSnapshot;

/** What is asked of a process for its own leaves. */
export function processBranch(samples: readonly LinkerdSample[]): LinkerdBranch {
  const place = { router: "", scope: "process", id: "", name: "" } as const;
  return { ...place, places: [{ ...place, samples: () => samples, histograms: () => [] }] };
}

const idLabels = { router: "", server: "server", service: "service", client: "cluster" } as const;

/** Each scope of each router once. */
export function linkerdBranches(view: Pick<MetricsView, "singles" | "tables">): readonly LinkerdBranch[] {
  const found = new Map<string, { readonly branch: LinkerdBranch; readonly parts: Iterable<LinkerdPlace>[] }>();
  for (const branch of [...singleBranches(view), ...view.tables().flatMap(tableBranches)]) {
    const key = JSON.stringify([branch.router, branch.scope]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { branch, parts: [branch.places] });
    else known.parts.push(branch.places);
  }
  return Array.from(found.values(), ({ branch, parts }) => ({ ...branch, places: chained(parts) }));
}

/** One a table. */
function tableBranches({ spec, labels, rows }: TableView): readonly LinkerdBranch[] {
  const scope = (["service", "client"] as const).find((each) => idLabels[each] === spec.by);
  if (scope === undefined) return [];
  const numbers = numberColumns(spec);
  const leaves = leavesOf([...numbers, { spec: spec.histogram }]);
  const router = labels["router"] ?? "";
  const reading =
    (row: RowNumbers): ReadColumn =>
    (column) =>
      column < numbers.length ? numbers[column]?.of(row) : row.times();
  return [
    {
      router,
      scope,
      places: mapped(rows, ([name, row]) => new ReadPlace({ router, scope, name }, leaves, reading(row))),
    },
  ];
}

/** Of series that are in no table, such as those of servers, there are few: what they show is read at once. */
function singleBranches(view: Pick<MetricsView, "singles">): readonly LinkerdBranch[] {
  const scopes = new Map(linkerdRows.map(({ from, scope }) => [from, scope]));
  const found = new Map<string, { readonly place: PlaceName; readonly shown: (Column & { readonly is: Shown })[] }>();
  for (const { spec, series } of view.singles()) {
    const scope = scopes.get(spec.name);
    if (scope === undefined) continue;
    for (const { labels, ...each } of series) {
      const place = { router: labels["router"] ?? "", scope, name: labels[idLabels[scope]] ?? "" };
      const key = JSON.stringify(Object.values(place));
      const known = found.get(key) ?? { place, shown: [] };
      found.set(key, known);
      known.shown.push({ spec, labels, is: "value" in each ? each.value : each.histogram });
    }
  }
  return Array.from(found.values(), ({ place, shown }) => ({
    ...place,
    places: [new ReadPlace(place, leavesOf(shown), (column) => shown[column]?.is)],
  }));
}

interface PlaceName {
  readonly router: string;
  readonly scope: LinkerdScope;
  readonly name: string;
}

class ReadPlace implements LinkerdPlace {
  readonly router: string;
  readonly scope: LinkerdScope;
  readonly name: string;
  readonly #leaves: readonly LinkerdLeaf[];
  readonly #read: ReadColumn;

  constructor({ router, scope, name }: PlaceName, leaves: readonly LinkerdLeaf[], read: ReadColumn) {
    this.router = router;
    this.scope = scope;
    this.name = name;
    this.#leaves = leaves;
    this.#read = read;
  }

  get id(): string {
    return this.name.replace(/^\//, "");
  }

  samples(told: ToldOf): readonly LinkerdSample[] {
    const { router, scope, id } = this;
    const samples: LinkerdSample[] = [];
    for (const { metric, kind, read } of this.#leaves) {
      const now = read(this.#read);
      if (now === undefined) continue;
      const value = typeof now === "number" ? now : told(this, metric, now);
      samples.push({ router, scope, id, metric, value, kind });
    }
    return samples;
  }

  *histograms(): Generator<readonly [metric: string, HistogramSnapshot]> {
    for (const { metric, kind, read } of this.#leaves) {
      const now = kind === "histogram" ? read(this.#read) : undefined;
      if (now !== undefined && typeof now !== "number") yield [metric, now];
    }
  }
}

/** The scopes above a metric without the names in them, and these as labels. */
export function samplePlace({ router, scope, id }: Pick<LinkerdSample, "router" | "scope" | "id">): {
  readonly scopes: readonly string[];
  readonly labels: Labels;
} {
  if (scope === "process") return { scopes: ["jvm"], labels: {} };
  if (scope === "router") return { scopes: ["rt"], labels: { rt: router } };
  return { scopes: ["rt", scope], labels: { rt: router, [scope]: id } };
}
