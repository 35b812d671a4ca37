/** What a field's name says of it, found once for each name and kept as one number beside it. */
import { COLON, isOws, isToken, TOKEN, VALUE } from "../http/grammar.ts";
import { bitOfName } from "../http/known-fields.ts";
import { isTrailerName } from "../http/trailers.ts";

/** The bits of `Headers.seen`. */
export const SEEN = 0xffff;
/** May enter no compression table, here or further on (RFC 7541 §7.1.3). */
export const NEVER = 1 << 16;
/** Its value is hardly ever the same twice, so that it would only push others out of the compression table. */
export const VOLATILE = 1 << 17;
/** Starts with a colon (RFC 9113 §8.3). */
export const PSEUDO = 1 << 18;
/** Belongs to one connection of HTTP/1, and makes a message of HTTP/2 malformed (RFC 9113 §8.2.2). */
export const CONNECTION = 1 << 19;
export const BAD_NAME = 1 << 20;
export const BAD_VALUE = 1 << 21;
export const COOKIE = 1 << 22;
/** A field of a list that was dropped from it. */
export const DROPPED = 1 << 23;
/** May not stand in trailers. */
export const LATE = 1 << 30;

/** Which pseudo field it is, as bits that tell whether one came twice. 0 for one that is unknown. */
export const METHOD = 1 << 24;
export const SCHEME = 1 << 25;
export const PATH = 1 << 26;
export const AUTHORITY = 1 << 27;
export const PROTOCOL = 1 << 28;
export const STATUS = 1 << 29;

const kinds = new Map<string, number>();
const lowered = new Map<string, string>();
/** Names that were seen; past it all are learned anew, so that no caller can fill it for good. */
const MAX_NAMES = 1024;
const MAX_NAME = 128;

const pseudo = new Map([
  [":method", METHOD],
  [":scheme", SCHEME],
  [":path", PATH | VOLATILE],
  [":authority", AUTHORITY],
  [":protocol", PROTOCOL],
  [":status", STATUS],
]);
const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const connection = words("connection keep-alive proxy-connection transfer-encoding upgrade");
const secret = words("authorization proxy-authorization set-cookie x-api-key x-auth-token x-amz-security-token");
const volatile = words(
  "age b3 content-length content-range date etag expires grpc-timeout if-match if-modified-since if-none-match " +
    "if-range if-unmodified-since l5d-ctx-deadline l5d-ctx-trace l5d-reqid last-modified location range traceparent " +
    "x-amzn-trace-id x-b3-parentspanid x-b3-spanid x-b3-traceid x-cloud-trace-context x-correlation-id x-request-id " +
    "x-request-start",
);

/** What is known of a field of that name, as it was sent. */
export function nameKind(name: string): number {
  const found = kinds.get(name);
  if (found !== undefined) return found;
  const kind = findKind(name);
  if (name.length <= MAX_NAME) {
    if (kinds.size === MAX_NAMES) kinds.clear();
    kinds.set(name, kind);
  }
  return kind;
}

function findKind(name: string): number {
  if (name.charCodeAt(0) === COLON) return PSEUDO | (pseudo.get(name) ?? 0);
  if (!isLowerToken(name)) return BAD_NAME;
  let kind = bitOfName(name);
  if (connection.has(name)) kind |= CONNECTION;
  if (secret.has(name)) kind |= NEVER;
  if (volatile.has(name)) kind |= VOLATILE;
  if (!isTrailerName(name)) kind |= LATE;
  return name === "cookie" ? kind | COOKIE : kind;
}

/** RFC 9113 §8.2: a name in upper case is malformed. */
function isLowerToken(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (code > 127 || code === 0 || TOKEN[code] !== code) return false;
  }
  return name.length > 0;
}

/** The name in lower case; the same string for the same name, where it comes often. */
export function lowerName(name: string): string {
  const found = lowered.get(name);
  if (found !== undefined) return found;
  const lower = name.toLowerCase();
  if (name.length <= MAX_NAME && isToken(name)) {
    if (lowered.size === MAX_NAMES) lowered.clear();
    // The name may be a slice of a whole head, which the map must not keep.
    lowered.set(Buffer.from(name, "latin1").toString("latin1"), lower);
  }
  return lower;
}

/** Whether `text`, of latin1, may stand as a value; no white space around it (RFC 9113 §8.2.1). */
export function isValue(text: string): boolean {
  const { length } = text;
  for (let at = 0; at < length; at++) {
    if (VALUE[text.charCodeAt(at)] !== 1) return false;
  }
  return length === 0 || !(isOws(text.charCodeAt(0)) || isOws(text.charCodeAt(length - 1)));
}
