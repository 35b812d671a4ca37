/** Which leaves of Linkerd 1's tree a place has, and which of our columns each is read from. */
import type { HistogramSnapshot } from "../base/histogram.ts";
import type { Column, Labels, MetricSpec } from "../base/metrics.ts";
import { type LinkerdRow, linkerdRows } from "./linkerd-rows.ts";
import { perRequest } from "./per-request.ts";

/** `undefined` where nothing is shown. */
export type Shown = number | HistogramSnapshot | undefined;

/** What a column of one place shows now. */
export type ReadColumn = (column: number) => Shown;

export interface LinkerdLeaf {
  readonly metric: string;
  readonly kind: MetricSpec["type"];
  readonly read: (of: ReadColumn) => Shown;
}

/** Made once for all places with the same columns. */
export function leavesOf(columns: readonly Column[]): readonly LinkerdLeaf[] {
  return [...linkerdRows.flatMap((row) => leafOf(row, columns)), ...perRequest(columns)];
}

/** None where none of its columns is there. */
function leafOf(
  { from, where, as: metric, scale = 1 }: LinkerdRow,
  columns: readonly Column[],
): readonly LinkerdLeaf[] {
  const read = [...columns.keys()].filter((at) => {
    const column = columns[at];
    return column?.spec.name === from && matches(column.labels ?? {}, where);
  });
  const [first] = read;
  if (first === undefined) return [];
  const kind = columns[first]?.spec.type ?? "gauge";
  return [{ metric, kind, read: kind === "histogram" ? (of) => of(first) : (of) => sumOf(read, of, scale) }];
}

function sumOf(columns: readonly number[], of: ReadColumn, scale: number): number | undefined {
  let sum: number | undefined;
  for (const column of columns) {
    const shown = of(column);
    if (typeof shown === "number") sum = (sum ?? 0) + shown * scale;
  }
  return sum;
}

function matches(labels: Labels, where: LinkerdRow["where"]): boolean {
  return where === undefined || Object.entries(where).every(([name, wanted]) => isOneOf(labels[name] ?? "", wanted));
}

const isOneOf = (value: string, wanted: string | readonly string[]): boolean =>
  typeof wanted === "string" ? value === wanted : wanted.includes(value);
