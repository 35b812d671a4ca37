/** What may not pass a proxy, and what a proxy adds (RFC 9110 §7.6). */
import { isOws, trimOws } from "./grammar.ts";
import type { HttpVersion } from "./exchange.ts";
import { fieldLine } from "./field-line.ts";
import type { Headers } from "./headers.ts";
import { known } from "./known-fields.ts";

/** The fields that belong to one connection, each with its bit. */
const HOP_BY_HOP: readonly (readonly [string, number])[] = [
  ["connection", known.connection],
  ["keep-alive", known.keepAlive],
  ["proxy-connection", known.proxyConnection],
  ["proxy-authenticate", known.proxyAuthenticate],
  ["proxy-authorization", known.proxyAuthorization],
  ["te", known.te],
  ["trailer", known.trailer],
  ["transfer-encoding", known.transferEncoding],
  ["upgrade", known.upgrade],
];

const HOP_BY_HOP_SEEN = HOP_BY_HOP.reduce((all, [, bit]) => all | bit, 0);

/** What a Connection field may not take away: routing, framing, and the count of proxies stand on it. */
const KEPT = new Set(["host", "content-length", "via"]);

/** How many names of Connection fields are looked at. */
const MAX_NAMED = 100;

/** Drops the fields that belong to one connection, and those that Connection names. Costs nothing where none is. */
export function stripHopByHop(headers: Headers): void {
  if ((headers.seen & HOP_BY_HOP_SEEN) === 0) return;
  if ((headers.seen & known.connection) !== 0) dropNamed(headers);
  for (let at = 0; at < HOP_BY_HOP.length; at++) {
    const [name, bit] = HOP_BY_HOP[at] as readonly [string, number];
    if ((headers.seen & bit) !== 0) headers.remove(name);
  }
}

function dropNamed(headers: Headers): void {
  let named = 0;
  for (let at = headers.find("connection"); at >= 0; at = headers.find("connection", at + 1)) {
    const value = headers.value(at);
    if (value === "keep-alive" || value === "close") continue;
    for (const option of value.split(",", MAX_NAMED)) {
      const name = trimOws(option).toLowerCase();
      if (name === "close" || name === "keep-alive" || name === "" || KEPT.has(name)) continue;
      if (++named > MAX_NAMED) return;
      headers.remove(name);
    }
  }
}

/** Whether a TE field has `trailers` among its codings (RFC 9110 §10.1.4). */
export function takesTrailers(headers: Headers): boolean {
  for (let at = headers.find("te"); at >= 0; at = headers.find("te", at + 1)) {
    const value = headers.value(at);
    if (value === "trailers") return true;
    for (const coding of value.split(",", MAX_NAMED)) {
      if (trimOws(coding).toLowerCase() === "trailers") return true;
    }
  }
  return false;
}

const VIA_10 = fieldLine("via", "1.0 linkspan");
const VIA_11 = fieldLine("via", "1.1 linkspan");
const VIA_2 = fieldLine("via", "2 linkspan");

/** Says that a message of that version passed here: joined to the last Via, or as a new one. */
export function appendVia(headers: Headers, version: HttpVersion): void {
  const via = version === 11 ? VIA_11 : version === 20 ? VIA_2 : VIA_10;
  const at = (headers.seen & known.via) === 0 ? -1 : lastOf(headers, "via");
  if (at < 0) {
    headers.appendLine(via);
    return;
  }
  const joined = headers.value(at) === "" ? via.value : `${headers.value(at)}, ${via.value}`;
  headers.drop(at);
  headers.append("via", joined);
}

function lastOf(headers: Headers, lowerName: string): number {
  let last = -1;
  for (let at = headers.find(lowerName); at >= 0; at = headers.find(lowerName, at + 1)) last = at;
  return last;
}

/** How many proxies a message has passed, over all its Via fields. */
export function viaCount(headers: Headers): number {
  if ((headers.seen & known.via) === 0) return 0;
  let count = 0;
  for (let at = headers.find("via"); at >= 0; at = headers.find("via", at + 1)) count += elements(headers.value(at));
  return count;
}

/** Elements between commas that are not empty; a comment with a comma counts twice, which hides no loop. */
function elements(value: string): number {
  let count = 0;
  let filled = false;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === 44) filled = false;
    else if (!filled && !isOws(code)) {
      filled = true;
      count++;
    }
  }
  return count;
}
