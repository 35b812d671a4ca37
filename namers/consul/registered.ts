/** What Consul's catalogue and health endpoints say of an instance, read into one shape. */
import { HEALTH, type Health } from "./options.ts";

/** One registration of a service. Texts are "" and numbers `undefined` where Consul says nothing. */
export interface Registered {
  readonly service: string;
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
  return listOf(text).map((entry) =>
    registered({
      service: entry["ServiceName"],
      node: entry["Node"],
      nodeAddress: entry["Address"],
      nodeMeta: entry["NodeMeta"],
      nodeLocality: entry["Locality"],
      id: entry["ServiceID"],
      address: entry["ServiceAddress"],
      port: entry["ServicePort"],
      tags: entry["ServiceTags"],
      meta: entry["ServiceMeta"],
      weights: entry["ServiceWeights"],
      locality: entry["ServiceLocality"],
      checks: undefined,
    }),
  );
}

/** Of `/v1/health/service/NAME`. Throws an Error that says what is there instead. */
export function readHealth(text: string): readonly Registered[] {
  return listOf(text).map((entry) => onNode(recordOf(entry["Node"]), recordOf(entry["Service"]), entry["Checks"]));
}

/** Of `/v1/agent/services`, which says nothing of nodes and checks. Throws an Error that says what is there instead. */
export function readAgentServices(text: string, node: string): readonly Registered[] {
  return Object.values(recordIn(text)).map((service) => onNode({ Node: node }, recordOf(service), undefined));
}

/** Of `/v1/catalog/node/NODE`, which is `null` where there is none; nothing of checks. */
export function readNodeServices(text: string): readonly Registered[] {
  if (parsed(text) === null) return [];
  const { Node: node, Services: services } = recordIn(text);
  return Object.values(recordOf(services)).map((service) => onNode(recordOf(node), recordOf(service), undefined));
}

/** The services of a check by its name and what it is registered as, of `/v1/health/state/any`. */
export function readChecked(text: string): readonly { readonly name: string; readonly service: string }[] {
  return listOf(text).map((check) => ({ name: textOf(check["Name"]), service: textOf(check["ServiceName"]) }));
}

function onNode(node: Fields, service: Fields, checks: unknown): Registered {
  return registered({
    service: service["Service"],
    node: node["Node"],
    nodeAddress: node["Address"],
    nodeMeta: node["Meta"],
    nodeLocality: node["Locality"],
    id: service["ID"],
    address: service["Address"],
    port: service["Port"],
    tags: service["Tags"],
    meta: service["Meta"],
    weights: service["Weights"],
    locality: service["Locality"],
    checks,
  });
}

/** The names in `/v1/catalog/services`, and the tags of each. Throws an Error that says what is there instead. */
export function readServices(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(recordIn(text)).map(([name, tags]) => [name, tagsOf(tags)]));
}

type Fields = Readonly<Record<string, unknown>>;

/** What an answer says of one registration, wherever it says it. */
interface Said {
  readonly service: unknown;
  readonly node: unknown;
  readonly nodeAddress: unknown;
  readonly nodeMeta: unknown;
  readonly nodeLocality: unknown;
  readonly id: unknown;
  readonly address: unknown;
  readonly port: unknown;
  readonly tags: unknown;
  readonly meta: unknown;
  readonly weights: unknown;
  readonly locality: unknown;
  readonly checks: unknown;
}

function registered(said: Said): Registered {
  const meta = textsOf(said.meta);
  const nodeMeta = textsOf(said.nodeMeta);
  return {
    service: textOf(said.service),
    node: textOf(said.node),
    nodeAddress: textOf(said.nodeAddress),
    serviceAddress: textOf(said.address),
    id: textOf(said.id),
    port: portOf(said.port),
    tags: tagsOf(said.tags),
    meta,
    nodeMeta,
    weights: weightsOf(said.weights),
    zone: zoneOf(meta, nodeMeta, said.locality, said.nodeLocality),
    health: worstOf(said.checks),
  };
}

function listOf(text: string): readonly Fields[] {
  const value = parsed(text);
  // Go writes an empty list as `null` where nobody made one.
  if (value === null) return [];
  if (!Array.isArray(value)) throw unexpected(text);
  return value.map(recordOf);
}

function recordIn(text: string): Fields {
  const value = parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unexpected(text);
  return value as Fields;
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
