/** The forms of a request target (RFC 9112 §3.2), and the one in which it goes on. */

/** 1: stands as it is. 2: leaves percent-encoded, for RFC 3986 does not allow it and browsers send it. 3: `%`. */
export const TARGET = new Uint8Array(256);
const digits = "0123456789";
const letters = "abcdefghijklmnopqrstuvwxyz";
for (const sign of `${digits}${letters}${letters.toUpperCase()}-._~!$&'()*+,;=:@/?`) TARGET[sign.charCodeAt(0)] = 1;
for (const sign of '[]{}|^`\\"<>') TARGET[sign.charCodeAt(0)] = 2;
TARGET[37] = 3;

/** Origin form, and the authority of an absolute form. */
export interface Target {
  readonly origin: string;
  /** Replaces the Host. */
  readonly authority: string | undefined;
}

/** Reads a target whose bytes have passed `TARGET`; undefined for one in no form, or not in one for this method. */
export function readTarget(method: string, text: string): Target | undefined {
  if (text.startsWith("/")) {
    const origin = canonical(text);
    return origin === undefined ? undefined : { origin, authority: undefined };
  }
  if (text === "*") return method === "OPTIONS" ? { origin: "*", authority: undefined } : undefined;
  return readAbsolute(method, text);
}

function readAbsolute(method: string, text: string): Target | undefined {
  const scheme = /^https?:\/\//i.exec(text);
  if (!scheme) return undefined;
  const rest = text.slice(scheme[0].length);
  const end = rest.search(/[/?]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  if (authority === "" || !isAuthority(authority)) return undefined;
  const path = end < 0 ? "" : rest.slice(end);
  if (path === "") return { origin: method === "OPTIONS" ? "*" : "/", authority };
  const origin = canonical(path.startsWith("/") ? path : `/${path}`);
  return origin === undefined ? undefined : { origin, authority };
}

/** Percent-encodes what may not stand in a URI; undefined where a `%` of a path is no escape (RFC 3986 §2.1). */
function canonical(text: string): string | undefined {
  let out = "";
  let run = 0;
  let query = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const kind = TARGET[code] as number;
    if (code === 63) query = true;
    if (kind === 1 || (kind === 3 && isEscape(text, at))) continue;
    if (kind === 3 && !query) return undefined;
    out += `${text.slice(run, at)}%${code.toString(16).toUpperCase()}`;
    run = at + 1;
  }
  return run === 0 ? text : out + text.slice(run);
}

const isEscape = (text: string, at: number): boolean =>
  isHex(text.charCodeAt(at + 1)) && isHex(text.charCodeAt(at + 2));

const isHex = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);

const HOST =
  /^(?:\[[0-9A-Fa-f:.]+\]|\[v[0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::\d{0,5})?$/;

/** A host with an optional port, without user information; empty is one too (RFC 9110 §7.2). */
export function isAuthority(text: string): boolean {
  return isPlainHost(text) || HOST.test(text);
}

/** A host with a port, as CONNECT names it. */
export function isTunnelTarget(text: string): boolean {
  const colon = text.lastIndexOf(":");
  const port = Number(text.slice(colon + 1));
  return colon > 0 && colon + 1 < text.length && port > 0 && port < 65_536 && isAuthority(text);
}

/** The common case without the regular expression: letters, digits, dots, dashes, then perhaps a port. */
function isPlainHost(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const plain = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 46 || code === 45;
    if (!plain) return code === 58 && at > 0 && isPort(text, at + 1);
  }
  return true;
}

function isPort(text: string, from: number): boolean {
  if (text.length - from > 5) return false;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** Whether a method may be sent again without harm, and has no body by its nature (RFC 9110 §9.2). */
export const isSafeMethod = (method: string): boolean =>
  method === "GET" || method === "HEAD" || method === "OPTIONS" || method === "TRACE";
