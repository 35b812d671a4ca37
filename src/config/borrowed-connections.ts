/** What a mirror's target does not say of its connection, taken from a namer of the same file, with the places of it. */
import { Path } from "../naming/path.ts";
import type { ProblemList } from "./config-error.ts";
import type { At } from "./field.ts";
import { nearest } from "./nearest.ts";
import type { Registry } from "./registry.ts";

type Mapping = Readonly<Record<string, unknown>>;

/** A linkerd.yaml in which every target of a mirror says how it is connected. */
export interface Borrowed {
  readonly value: unknown;
  /** Where it is written that stands at a place of `value`. */
  placeOf(at: At): At;
}

interface Lender {
  readonly index: number;
  readonly written: Mapping;
}

/** Adds a problem for a target that names a namer that is not there. */
export function borrowConnections(value: unknown, registry: Registry, problems: ProblemList): Borrowed {
  const mirrors = isMapping(value) ? value["mirrors"] : undefined;
  if (!isMapping(value) || !Array.isArray(mirrors)) return { value, placeOf: (at) => at };
  const namers = listOf(value["namers"]);
  const lenders = mirrors.map((mirror: unknown, at) => lenderOf(mirror, at, namers, problems));
  const keys = lenders.map((lender, at) => borrowedKeys(mirrors[at], lender, registry));
  const whole = mirrors.map((mirror: unknown, at) => withKeys(mirror, lenders[at], keys[at] ?? []));
  return {
    value: { ...value, mirrors: whole },
    placeOf(at) {
      const [top, index, to, key, ...rest] = at;
      const lender = lenders[Number(index)];
      if (top !== "mirrors" || to !== "to" || lender === undefined) return at;
      return keys[Number(index)]?.includes(String(key)) === true ? ["namers", lender.index, String(key), ...rest] : at;
    },
  };
}

function lenderOf(mirror: unknown, at: number, namers: readonly unknown[], problems: ProblemList): Lender | undefined {
  const to = isMapping(mirror) ? mirror["to"] : undefined;
  if (!isMapping(to)) return undefined;
  const candidates = namers.flatMap((written, index) => (isMapping(written) ? [{ index, written }] : []));
  const named = to["namer"];
  if (typeof named !== "string") return candidates.find(({ written }) => written["kind"] === to["kind"]);
  const lender = candidates.findLast(({ written }) => prefixOf(written) === shown(named));
  if (lender !== undefined) return lender;
  const known = candidates.map(({ written }) => prefixOf(written));
  const meant = nearest(named, known);
  problems.add({
    at: ["mirrors", at, "to", "namer"],
    message: `no namer has the prefix ${named}`,
    expected: known.length === 0 ? "a namer under `namers`" : `one of ${known.join(", ")}`,
    received: named,
    ...(meant === undefined ? {} : { nearest: meant }),
  });
  return undefined;
}

/** All of the namer's, or none: half a connection is nobody's. */
function borrowedKeys(mirror: unknown, lender: Lender | undefined, registry: Registry): readonly string[] {
  const to = isMapping(mirror) ? mirror["to"] : undefined;
  if (lender === undefined || !isMapping(to)) return [];
  const keys = registry.get("announcer", String(to["kind"]))?.connection ?? [];
  if (keys.some((key) => key in to)) return [];
  return keys.filter((key) => key in lender.written);
}

function withKeys(mirror: unknown, lender: Lender | undefined, keys: readonly string[]): unknown {
  if (lender === undefined || keys.length === 0 || !isMapping(mirror) || !isMapping(mirror["to"])) return mirror;
  const taken = Object.fromEntries(keys.map((key) => [key, lender.written[key]]));
  return { ...mirror, to: { ...mirror["to"], ...taken } };
}

function prefixOf({ prefix, kind }: Mapping): string {
  return typeof prefix === "string" ? shown(prefix) : `/${String(kind)}`;
}

function shown(path: string): string {
  try {
    return Path.read(path).show;
  } catch {
    return path;
  }
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
