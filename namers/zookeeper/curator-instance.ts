/** The JSON of a Curator `ServiceInstance`, read as leniently as Curator's own reader, and its payload left closed. */
import type { Address, Instance } from "linkspan/plugin";

/** What a namer makes of an instance. */
export interface CuratorReading {
  /** Which port is taken where an instance has both; it is taken too where it is the only one. */
  readonly port: "sslPort" | "port";
}

const TYPES = ["DYNAMIC", "STATIC", "PERMANENT", "DYNAMIC_SEQUENTIAL"];

/**
 * `node` is the node's name, which is the id only where the JSON has none. Throws an Error that says why where Curator's
 * reader would refuse the data, or where there is no address.
 */
export function readCuratorInstance(data: Uint8Array, node: string): Instance {
  const fields = readObject(new TextDecoder().decode(data));
  const port = readPort(fields["port"], "port");
  const tlsPort = readPort(fields["sslPort"], "sslPort");
  const id = textOf(fields["id"]);
  const payload = fields["payload"];
  const zone = zoneOf(payload);
  return {
    id: id === "" ? node : id,
    host: readHost(fields["address"]),
    ...(port === undefined ? {} : { port }),
    ...(tlsPort === undefined ? {} : { tlsPort }),
    weight: 1,
    // Absent is true, as before the field existed; `null` is false, as Jackson reads it.
    ready: fields["enabled"] === undefined || fields["enabled"] === true,
    ...(payload === undefined || payload === null ? {} : { payload }),
    ...(zone === undefined ? {} : { zone }),
    meta: { node, name: textOf(fields["name"]), serviceType: readType(fields["serviceType"]) },
  };
}

/** `undefined` where the instance says no port that can be connected to. */
export function addressOf(instance: Instance, reading: CuratorReading): Address | undefined {
  const { port, tlsPort } = instance;
  const chosen = reading.port === "sslPort" ? (tlsPort ?? port) : (port ?? tlsPort);
  if (chosen === undefined || chosen < 1 || chosen > 65_535) return undefined;
  return { host: instance.host, port: chosen, weight: instance.weight };
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === "") throw new Error("it is empty");
  const value: unknown = JSON.parse(firstValue(text));
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is not an object");
  return value as Readonly<Record<string, unknown>>;
}

/** Jackson stops at the end of the first value; whatever follows is not read. */
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

/** Without brackets, and without the scope of an IPv6 address, which means something on its own host only. */
function readHost(value: unknown): string {
  const text = textOf(value).trim();
  if (text === "") throw new Error("it has no address");
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const scope = bare.indexOf("%");
  return scope > 0 && bare.includes(":") ? bare.slice(0, scope) : bare;
}

function zoneOf(payload: unknown): string | undefined {
  if (typeof payload !== "object" || payload === null || !("zone" in payload)) return undefined;
  return typeof payload.zone === "string" && payload.zone !== "" ? payload.zone : undefined;
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : "";
