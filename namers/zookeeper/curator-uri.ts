/** Curator's URI templates: what a registered one says of an instance's host and ports. */
import type { Instance } from "linkspan/plugin";

/** The fields of an instance that a template may name. */
export type UriFields = Readonly<Record<string, string>>;

/** Where an instance is, as far as a URI says it. */
export type UriPlace = Pick<Instance, "port" | "tlsPort"> & { readonly host?: string };

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "ws:": 80, "https:": 443, "wss:": 443 };
const TLS_SCHEMES = ["https:", "wss:"];

/** `spec` is what stands in the JSON: a list of parts, or a text with variables in braces. Nothing where it says nothing. */
export function placeOfUri(spec: unknown, fields: UriFields): UriPlace {
  const text = expand(spec, fields);
  if (text === undefined || !URL.canParse(text)) return {};
  const { hostname, port, protocol } = new URL(text);
  if (hostname === "") return {};
  // "http://10.0.0.1:/" is what a template makes of an instance without a port: it says none, not the scheme's.
  if (/^[^/]*\/\/[^/?#]*:(?:[/?#]|$)/.test(text)) return { host: hostname };
  const number = port === "" ? DEFAULT_PORTS[protocol] : Number(port);
  const isTls = TLS_SCHEMES.includes(protocol);
  return { host: hostname, ...(number === undefined ? {} : isTls ? { tlsPort: number } : { port: number }) };
}

function expand(spec: unknown, fields: UriFields): string | undefined {
  if (typeof spec === "string") return spec.replace(/\{([^{}]*)\}/g, (_, name: string) => valueOf(name, fields));
  if (typeof spec !== "object" || spec === null || !("parts" in spec) || !Array.isArray(spec.parts)) return undefined;
  const parts: readonly unknown[] = spec.parts;
  return parts.map((part) => textOf(part, fields)).join("");
}

function textOf(part: unknown, fields: UriFields): string {
  if (typeof part !== "object" || part === null || !("value" in part) || typeof part.value !== "string") return "";
  return "variable" in part && part.variable === true ? valueOf(part.value, fields) : part.value;
}

/** `[` and `]` stand for braces; a variable that is not known is nothing. */
function valueOf(name: string, fields: UriFields): string {
  if (name === "[") return "{";
  return name === "]" ? "}" : (fields[name.trim()] ?? "");
}
