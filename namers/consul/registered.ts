/** What Consul's catalogue and health endpoints say of an instance, read into one shape. */
import { HEALTH, type Health } from "./options.ts";

/** One registration of a service. Texts are "" and numbers `undefined` where Consul says nothing. */
export interface Registered {
  readonly node: string;
  readonly nodeAddress: string;
  readonly serviceAddress: string;
  readonly id: string;
  readonly port: number | undefined;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly nodeMeta: Readonly<Record<string, string>>;
  /** What it was registered with, for how it is. */
  readonly weights: { readonly passing: number; readonly warning: number };
  readonly zone: string | undefined;
  /** As its worst check is; `passing` where nothing was asked of checks. */
  readonly health: Health;
}

/** Of `/v1/catalog/service/NAME`. Throws an Error that says what is there instead. */
export function readCatalogue(text: string): readonly Registered[] {
  return listOf(text).map((entry) => {
    const meta = textsOf(entry["ServiceMeta"]);
    const nodeMeta = textsOf(entry["NodeMeta"]);
    return {
      node: textOf(entry["Node"]),
      nodeAddress: textOf(entry["Address"]),
      serviceAddress: textOf(entry["ServiceAddress"]),
      id: textOf(entry["ServiceID"]),
      port: portOf(entry["ServicePort"]),
      tags: tagsOf(entry["ServiceTags"]),
      meta,
      nodeMeta,
      weights: weightsOf(entry["ServiceWeights"]),
      zone: zoneOf(meta, nodeMeta, entry["ServiceLocality"], entry["Locality"]),
      health: "passing",
    };
  });
}

/** Of `/v1/health/service/NAME`. Throws an Error that says what is there instead. */
export function readHealth(text: string): readonly Registered[] {
  return listOf(text).map((entry) => {
    const node = recordOf(entry["Node"]);
    const service = recordOf(entry["Service"]);
    const meta = textsOf(service["Meta"]);
    const nodeMeta = textsOf(node["Meta"]);
    return {
      node: textOf(node["Node"]),
      nodeAddress: textOf(node["Address"]),
      serviceAddress: textOf(service["Address"]),
      id: textOf(service["ID"]),
      port: portOf(service["Port"]),
      tags: tagsOf(service["Tags"]),
      meta,
      nodeMeta,
      weights: weightsOf(service["Weights"]),
      zone: zoneOf(meta, nodeMeta, service["Locality"], node["Locality"]),
      health: worstOf(entry["Checks"]),
    };
  });
}

/** The names in `/v1/catalog/services`, and the tags of each. Throws an Error that says what is there instead. */
export function readServices(text: string): ReadonlyMap<string, readonly string[]> {
  const value = parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unexpected(text);
  return new Map(Object.entries(value).map(([name, tags]) => [name, tagsOf(tags)]));
}

type Fields = Readonly<Record<string, unknown>>;

function listOf(text: string): readonly Fields[] {
  const value = parsed(text);
  // Go writes an empty list as `null` where nobody made one.
  if (value === null) return [];
  if (!Array.isArray(value)) throw unexpected(text);
  return value.map(recordOf);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unexpected(text);
  }
}

function unexpected(text: string): Error {
  const begin = text.replace(/\s+/g, " ").trim().slice(0, 40);
  return new Error(`the answer is not what Consul answers; it begins with ${JSON.stringify(begin)}`);
}

const recordOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const textOf = (value: unknown): string => (typeof value === "string" ? value.trim() : "");

function portOf(value: unknown): number | undefined {
  const isPort = typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 65_535;
  return isPort ? value : undefined;
}

const tagsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];

function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(recordOf(value)).filter((each) => typeof each[1] === "string")) as Readonly<
    Record<string, string>
  >;
}

function weightsOf(value: unknown): Registered["weights"] {
  const { Passing: passing, Warning: warning } = recordOf(value);
  return { passing: weightOf(passing), warning: weightOf(warning) };
}

const weightOf = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : 1;

/** Since 1.15 a locality has it; before, whoever registers writes it into the metadata. */
function zoneOf(
  meta: Readonly<Record<string, string>>,
  nodeMeta: Readonly<Record<string, string>>,
  ...localities: readonly unknown[]
): string | undefined {
  const found = [...localities.map((each) => textOf(recordOf(each)["Zone"])), meta["zone"], nodeMeta["zone"]];
  return found.find((each) => each !== undefined && each !== "");
}

function worstOf(checks: unknown): Health {
  let worst = 0;
  for (const check of Array.isArray(checks) ? checks.map(recordOf) : []) {
    worst = Math.max(worst, HEALTH.indexOf(healthOf(check)));
  }
  return HEALTH[worst] ?? "passing";
}

/** Maintenance is no status: it is a critical check of a known id. What is unknown counts as passing, as in Linkerd 1. */
function healthOf({ CheckID: id, Status: status }: Fields): Health {
  const isMaintenance = /^_(service|node)_maintenance/.test(textOf(id)) && status === "critical";
  return isMaintenance ? "maintenance" : (HEALTH.find((each) => each === status) ?? "passing");
}
