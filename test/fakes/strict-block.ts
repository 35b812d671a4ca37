/** Judges the fields of HTTP/2 messages under the strictest reading of RFC 9113 §8; shares no code with what it judges. */
import type { Field } from "./h2-hpack.ts";
import { NotCanonical } from "./strict-reader.ts";

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const AUTHORITY = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+)(?::\d*)?$/;
const PATH =
  /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*(?:\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?$/;
const CONNECTION = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host"];

/** The pseudo fields by name, of a request. Throws NotCanonical. */
export function judgeRequest(fields: readonly Field[]): ReadonlyMap<string, string> {
  const pseudo = judge(fields, [":method", ":scheme", ":authority", ":path", ":protocol"]);
  const given = [...pseudo.keys()].sort().join(" ");
  const method = pseudo.get(":method") ?? "";
  const authority = pseudo.get(":authority");
  if (!METHOD.test(method)) throw new NotCanonical(`:method ${method}`);
  if (authority !== undefined && !AUTHORITY.test(authority)) throw new NotCanonical(`:authority ${authority}`);
  if (method === "CONNECT" && !pseudo.has(":protocol")) {
    if (given !== ":authority :method" || !/:[1-9]\d{0,4}$/.test(authority ?? ""))
      throw new NotCanonical(`CONNECT with ${given}`);
    return pseudo;
  }
  if (pseudo.has(":protocol") && (method !== "CONNECT" || authority === undefined)) throw new NotCanonical(given);
  if (!/^https?$/.test(pseudo.get(":scheme") ?? "")) throw new NotCanonical(`:scheme ${pseudo.get(":scheme")}`);
  const path = pseudo.get(":path") ?? "";
  if (!PATH.test(path) && !(path === "*" && method === "OPTIONS")) throw new NotCanonical(`:path ${path}`);
  return pseudo;
}

/** The status of a response. Throws NotCanonical. */
export function judgeResponse(fields: readonly Field[]): number {
  const status = judge(fields, [":status"]).get(":status") ?? "";
  if (!/^[1-9]\d\d$/.test(status) || status === "101") throw new NotCanonical(`:status ${status}`);
  const hasLength = fields.some(([name]) => name === "content-length");
  if (hasLength && (Number(status) < 200 || status === "204")) throw new NotCanonical(`a length with ${status}`);
  return Number(status);
}

/** Throws NotCanonical. */
export function judgeTrailers(fields: readonly Field[]): void {
  judge(fields, []);
}

function judge(fields: readonly Field[], allowed: readonly string[]): ReadonlyMap<string, string> {
  const pseudo = new Map<string, string>();
  let lengths = 0;
  let isPast = false;
  for (const [name, value] of fields) {
    if (!VALUE.test(value)) throw new NotCanonical(`the value ${JSON.stringify(value)} of ${name}`);
    if (name.startsWith(":")) {
      if (!allowed.includes(name) || pseudo.has(name) || isPast) throw new NotCanonical(`${name} there`);
      pseudo.set(name, value);
      continue;
    }
    isPast = true;
    if (!NAME.test(name)) throw new NotCanonical(`the name ${JSON.stringify(name)}`);
    if (CONNECTION.includes(name)) throw new NotCanonical(`the field ${name}`);
    if (name === "te" && value !== "trailers") throw new NotCanonical(`te: ${value}`);
    if (name !== "content-length") continue;
    if (++lengths > 1 || !/^(?:0|[1-9]\d{0,14})$/.test(value)) throw new NotCanonical(`content-length: ${value}`);
  }
  return pseudo;
}
