/** What RFC 9113 §8 demands of the fields of a message, said as complaints; shares no code with what it tests. */
import type { Field } from "./h2-hpack.ts";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;
const PATH =
  /^(?:\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*(?:\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?|\*)$/;
const AUTHORITY = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::\d*)?$/;
const CONNECTION = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);
const REQUEST = new Set([":method", ":scheme", ":path", ":authority", ":protocol"]);

export const valueOf = (fields: readonly Field[], name: string): string | undefined =>
  fields.find(([each]) => each === name)?.[1];

export const valuesOf = (fields: readonly Field[], name: string): string[] =>
  fields.filter(([each]) => each === name).map(([, value]) => value);

/** What holds of every field section. */
function checkLines(fields: readonly Field[], pseudo: ReadonlySet<string>): string[] {
  const wrong: string[] = [];
  const seen = new Set<string>();
  let isRegular = false;
  for (const [name, value] of fields) {
    if (!VALUE.test(value)) wrong.push(`the value of ${name} is ${JSON.stringify(value)}`);
    if (name.startsWith(":")) {
      if (!pseudo.has(name)) wrong.push(`the pseudo field ${name}`);
      if (seen.has(name)) wrong.push(`${name} twice`);
      if (isRegular) wrong.push(`${name} behind a regular field`);
      seen.add(name);
      continue;
    }
    isRegular = true;
    if (!TOKEN.test(name)) wrong.push(`the name ${JSON.stringify(name)}`);
    if (CONNECTION.has(name)) wrong.push(`${name} belongs to a connection`);
    if (name === "te" && value !== "trailers") wrong.push(`te: ${value}`);
  }
  const lengths = valuesOf(fields, "content-length");
  if (lengths.length > 1) wrong.push("content-length twice");
  for (const each of lengths) if (!/^(?:0|[1-9]\d*)$/.test(each)) wrong.push(`content-length ${each}`);
  return wrong;
}

export function checkRequest(fields: readonly Field[]): string[] {
  const wrong = checkLines(fields, REQUEST);
  const method = valueOf(fields, ":method");
  const path = valueOf(fields, ":path");
  const scheme = valueOf(fields, ":scheme");
  const authority = valueOf(fields, ":authority");
  const isPlainConnect = method === "CONNECT" && valueOf(fields, ":protocol") === undefined;
  if (method === undefined || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) wrong.push(`:method ${method}`);
  if (isPlainConnect) {
    if (path !== undefined || scheme !== undefined) wrong.push(":path or :scheme of CONNECT");
    if (authority === undefined) wrong.push("no :authority of CONNECT");
  } else {
    if (scheme !== "http" && scheme !== "https") wrong.push(`:scheme ${scheme}`);
    if (path === undefined || !PATH.test(path)) wrong.push(`:path ${path}`);
    if (path === "*" && method !== "OPTIONS") wrong.push(`:path * of ${method}`);
  }
  if (authority !== undefined && !AUTHORITY.test(authority)) wrong.push(`:authority ${authority}`);
  const hosts = valuesOf(fields, "host");
  if (hosts.length > 1) wrong.push("host twice");
  if (hosts.length > 0 && authority !== undefined && hosts[0] !== authority) {
    wrong.push(`host ${hosts[0]} against :authority ${authority}`);
  }
  return wrong;
}

export function checkResponse(fields: readonly Field[]): string[] {
  const wrong = checkLines(fields, new Set([":status"]));
  const status = valueOf(fields, ":status");
  if (status === undefined || !/^[1-9]\d\d$/.test(status)) wrong.push(`:status ${status}`);
  if (status === "101") wrong.push(":status 101");
  const hasNoLength = status !== undefined && (status.startsWith("1") || status === "204");
  if (hasNoLength && valueOf(fields, "content-length") !== undefined) wrong.push(`content-length with ${status}`);
  return wrong;
}

/** Fields that mean nothing behind a body, or that would change how it was read (RFC 9110 §6.5.1). */
const NOT_TRAILING = [
  "content-length",
  "host",
  "transfer-encoding",
  "te",
  "trailer",
  "content-encoding",
  "content-type",
];

export function checkTrailers(fields: readonly Field[]): string[] {
  const wrong = checkLines(fields, new Set());
  for (const name of NOT_TRAILING) if (valueOf(fields, name) !== undefined) wrong.push(`the trailer ${name}`);
  return wrong;
}
