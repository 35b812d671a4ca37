/** The JSON of a Curator `ServiceInstance`, read as leniently as Curator's own reader, and its payload left closed. */
import { type Address, type Instance, readMark } from "linkspan/plugin";
import { placeOfUri } from "./curator-uri.ts";
import { bareHost, isPort } from "./host-text.ts";
import { markedBy } from "./marked-instance.ts";

/** What a namer makes of an instance. */
export interface CuratorReading {
  /** Which port is called where an instance has both; the only one is called in any case. */
  readonly port: CuratorPort;
  /** Whether an instance that is not enabled is called nevertheless, as Linkerd 1 did. */
  readonly useDisabled: boolean;
  /** Only instances whose payload lists all of these. */
  readonly tags: readonly string[];
  /** What of an instance its address carries to the endpoint's view. */
  readonly meta: readonly CuratorMeta[];
}

/** `byTls`: a client with TLS calls the one, a client without it the other. */
export type CuratorPort = "sslPort" | "port" | "byTls";

export type CuratorMeta = "id" | "zone" | "payload";

const TYPES = ["DYNAMIC", "STATIC", "PERMANENT", "DYNAMIC_SEQUENTIAL"];

/**
 * `node` is the node's name, which is the id only where the JSON has none. Throws an Error that says why where Curator's
 * reader would refuse the data, or where there is no address.
 */
export function readCuratorInstance(text: string, node: string): Instance {
  const fields = readObject(text);
  const payload = fields["payload"];
  const zone = zoneOf(payload);
  const id = textOf(fields["id"]);
  const mark = readMark(id);
  const serviceType = readType(fields["serviceType"]);
  return {
    ...(mark ? markedBy(mark) : { id: id === "" ? node : id }),
    ...readPlace(fields, serviceType),
    weight: 1,
    // Absent is true, as before the field existed; `null` is false, as Jackson reads it.
    ready: fields["enabled"] === undefined || fields["enabled"] === true,
    ...(payload === undefined || payload === null ? {} : { payload }),
    ...(zone === undefined ? {} : { zone }),
    meta: { node, name: textOf(fields["name"]), serviceType, ...uriSpecIn(fields["uriSpec"]) },
  };
}

/** `undefined` where the instance says no port that can be connected to. */
export function addressOf(instance: Instance, reading: CuratorReading): Address | undefined {
  const { host, weight } = instance;
  const ports = portsOf(instance, reading.port);
  if (ports === undefined) return undefined;
  const meta: Record<string, string> = {};
  for (const key of reading.meta) {
    const value = metaOf(instance, key);
    if (value !== undefined) meta[key] = value;
  }
  // There are as many of these as there are instances, and one that is made of several takes more room.
  if (reading.meta.length === 0 && ports.tlsPort === undefined) return { host, port: ports.port, weight };
  return { host, ...ports, weight, ...(Object.keys(meta).length === 0 ? {} : { meta }) };
}

function portsOf(instance: Instance, called: CuratorPort): Pick<Address, "port" | "tlsPort"> | undefined {
  const [port, tlsPort] = [instance.port, instance.tlsPort].map((each) => (isPort(each) ? each : undefined));
  if (called === "byTls" && port !== undefined && tlsPort !== undefined) return { port, tlsPort };
  const chosen = called === "sslPort" ? (tlsPort ?? port) : (port ?? tlsPort);
  return chosen === undefined ? undefined : { port: chosen };
}

/** Whether the payload lists each of `tags`; Curator itself has none, so that is where its users put them. */
export function hasTags({ payload }: Instance, tags: readonly string[]): boolean {
  if (tags.length === 0) return true;
  const listed = payloadField(payload, "tags");
  // A Java list of no declared type is written as its class and its elements.
  const own: readonly unknown[] = Array.isArray(listed) ? (listed as readonly unknown[]).flat() : [];
  return tags.every((tag) => own.includes(tag));
}

function metaOf(instance: Instance, key: CuratorMeta): string | undefined {
  if (key !== "payload") return instance[key];
  return instance.payload === undefined ? undefined : JSON.stringify(instance.payload);
}

type Fields = Readonly<Record<string, unknown>>;

/** Where a field for it is missing, the URI template may say it. */
function readPlace(fields: Fields, serviceType: string): Pick<Instance, "host" | "port" | "tlsPort"> {
  const host = bareHost(textOf(fields["address"]));
  const port = readPort(fields["port"], "port");
  const tlsPort = readPort(fields["sslPort"], "sslPort");
  const isWhole = host !== "" && (port !== undefined || tlsPort !== undefined);
  const said = isWhole ? {} : placeOfUri(fields["uriSpec"], uriFields(fields, host, serviceType));
  const whole = host === "" ? bareHost(said.host ?? "") : host;
  if (whole === "") throw new Error("it has no address");
  const known =
    port === undefined && tlsPort === undefined ? { port: said.port, tlsPort: said.tlsPort } : { port, tlsPort };
  return {
    host: whole,
    ...(known.port === undefined ? {} : { port: known.port }),
    ...(known.tlsPort === undefined ? {} : { tlsPort: known.tlsPort }),
  };
}

function uriFields(fields: Fields, host: string, serviceType: string): Readonly<Record<string, string>> {
  const tlsPort = textOf(fields["sslPort"]);
  return {
    scheme: tlsPort === "" ? "http" : "https",
    name: textOf(fields["name"]),
    id: textOf(fields["id"]),
    address: host.includes(":") ? `[${host}]` : host,
    port: textOf(fields["port"]),
    "ssl-port": tlsPort,
    "registration-time-utc": textOf(fields["registrationTimeUTC"]),
    "service-type": serviceType.toLowerCase(),
  };
}

function readObject(text: string): Fields {
  if (text.trim() === "") throw new Error("it is empty");
  const value = parseFirst(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is not an object");
  return value as Fields;
}

/** Jackson stops at the end of the first value; whatever follows is not read. There is seldom anything. */
function parseFirst(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(firstValue(text));
  }
}

function firstValue(text: string): string {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (inText) {
      if (letter === "\\") at++;
      else if (letter === '"') inText = false;
    } else if (letter === '"') inText = true;
    else if (letter === "{" || letter === "[") depth++;
    else if ((letter === "}" || letter === "]") && --depth === 0) return text.slice(0, at + 1);
  }
  return text;
}

/** As it stands, for whoever registers the instance elsewhere. */
function uriSpecIn(uriSpec: unknown): { readonly uriSpec?: string } {
  return uriSpec === undefined || uriSpec === null ? {} : { uriSpec: JSON.stringify(uriSpec) };
}

/** Numbers may be texts, and lose what is behind the point; the empty text is none. */
function readPort(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const number = typeof value === "string" ? Number(value.trim()) : value;
  if (typeof number !== "number" || !Number.isFinite(number) || Math.abs(number) > 2 ** 31) {
    throw new Error(`its ${field} is ${JSON.stringify(value)}`);
  }
  return Math.trunc(number);
}

function readType(value: unknown): string {
  if (value === undefined || value === null) return "DYNAMIC";
  const type = typeof value === "number" ? TYPES[value] : TYPES.find((each) => each === value);
  if (type === undefined) throw new Error(`its serviceType is ${JSON.stringify(value)}`);
  return type;
}

function zoneOf(payload: unknown): string | undefined {
  const zone = payloadField(payload, "zone");
  return typeof zone === "string" && zone !== "" ? zone : undefined;
}

/** Of the payload itself, or of the metadata in it, as Spring Cloud writes it. */
function payloadField(payload: unknown, key: string): unknown {
  if (typeof payload !== "object" || payload === null) return undefined;
  const fields = payload as Fields;
  const { metadata } = fields;
  return fields[key] ?? (typeof metadata === "object" && metadata !== null ? (metadata as Fields)[key] : undefined);
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : "";
