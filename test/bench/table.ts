/** What was found, as rows of a table: to be read, or as Markdown. */
import { median } from "./load/paced.ts";
import type { Found } from "./run.ts";
import { isInTime, type Latencies } from "./load/outcome.ts";

export interface Table {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Where the generator could not keep up with its rate. */
const markOf = (found: Latencies): string => (isInTime(found) ? "" : "!");

const number = (value: number | undefined, digits: number): string =>
  value === undefined || Number.isNaN(value) ? "" : value.toFixed(digits);

export const cpuOf = ({ samples }: Pick<Found, "samples">): number => median(samples.map((each) => each.cpuMicros));

/** One row for each proxy; columns that nobody fills are left out. */
export function tableOf(title: string, unit: string, found: readonly Found[]): Table {
  const baseOf = (name: string): number | undefined => {
    const base = found.find((each) => each.name === name);
    return base && cpuOf(base);
  };
  const haproxy = baseOf("haproxy");
  const envoy = baseOf("envoy");
  const direct = found.find((each) => each.name === "direct")?.atThousand;
  const extras = [...new Set(found.flatMap(({ extra }) => Object.keys(extra)))];
  const heads = [
    "proxy",
    `us/${unit}`,
    "min-max",
    "x HAProxy",
    "x Envoy",
    "RSS MB",
    `${unit}s/s`,
    "failed",
    ...["p50", "p99", "p99.9", "+p50", "+p99"].map((each) => `1k ${each}`),
    ...["rate", "p50", "p99", "p99.9"].map((each) => `half ${each}`),
    ...extras,
  ];
  const rows = found.map((each) => [
    each.name,
    ...costs(each, haproxy, envoy),
    ...atThousand(each.atThousand, direct),
    ...atHalf(each),
    ...extras.map((head) => each.extra[head] ?? ""),
  ]);
  return withoutEmpty({ title, heads, rows });
}

function costs(found: Found, haproxy: number | undefined, envoy: number | undefined): readonly string[] {
  const { samples } = found;
  if (samples.length === 0) return Array.from({ length: 7 }, () => "");
  const cpu = samples.map((each) => each.cpuMicros);
  const failed =
    samples.reduce((sum, each) => sum + each.failed, 0) + (found.atThousand?.failed ?? 0) + (found.atHalf?.failed ?? 0);
  return [
    number(median(cpu), 1),
    `${number(Math.min(...cpu), 1)}-${number(Math.max(...cpu), 1)}`,
    number(haproxy && median(cpu) / haproxy, 2),
    number(envoy && median(cpu) / envoy, 2),
    number(Math.max(...samples.map((each) => each.rssMb)), 0),
    number(median(samples.map((each) => each.done / each.seconds)), 0),
    String(failed),
  ];
}

function atThousand(found: Latencies | undefined, direct: Latencies | undefined): readonly string[] {
  if (!found) return ["", "", "", "", ""];
  const added = (of: "p50Ms" | "p99Ms"): string =>
    direct && direct !== found ? number(found[of] - direct[of], 2) : "";
  const [p50, ...own] = [found.p50Ms, found.p99Ms, found.p999Ms].map((each) => number(each, 2));
  return [`${p50}${markOf(found)}`, ...own, added("p50Ms"), added("p99Ms")];
}

/** A "<" where it is less than half, because the generator does no more. */
function atHalf({ atHalf: found, isBounded }: Found): readonly string[] {
  if (!found) return ["", "", "", ""];
  return [
    `${isBounded ? "<" : ""}${number(found.perSecond, 0)}${markOf(found)}`,
    ...[found.p50Ms, found.p99Ms, found.p999Ms].map((each) => number(each, 2)),
  ];
}

function withoutEmpty({ title, heads, rows }: Table): Table {
  const isKept = heads.map((_, at) => rows.some((row) => row[at] !== ""));
  const kept = (cells: readonly string[]): readonly string[] => cells.filter((_, at) => isKept[at]);
  return { title, heads: kept(heads), rows: rows.map(kept) };
}

/** In columns, for a terminal. */
export function columns({ title, heads, rows }: Table): string {
  const all = [heads, ...rows];
  const widths = heads.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[at] ?? 0) + 2))).join("");
  return [title, ...all.map(line)].join("\n");
}

export function markdown({ title, heads, rows }: Table): string {
  const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  return [`### ${title}`, "", line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
