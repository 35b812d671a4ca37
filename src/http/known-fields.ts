/** The fields that the way of a request asks for, each with a bit, so that a message without them is not searched. */
import { isToken, TOKEN } from "./grammar.ts";

/** Bits of `Headers.seen`. */
export const known = Object.freeze({
  host: 1 << 0,
  contentLength: 1 << 1,
  transferEncoding: 1 << 2,
  connection: 1 << 3,
  keepAlive: 1 << 4,
  proxyConnection: 1 << 5,
  proxyAuthenticate: 1 << 6,
  proxyAuthorization: 1 << 7,
  te: 1 << 8,
  trailer: 1 << 9,
  upgrade: 1 << 10,
  via: 1 << 11,
  expect: 1 << 12,
  /** Any field whose name starts with `l5d-`. */
  l5d: 1 << 13,
  clientCert: 1 << 14,
  grpcTimeout: 1 << 15,
});

const names: readonly (readonly [string, number])[] = [
  ["host", known.host],
  ["content-length", known.contentLength],
  ["transfer-encoding", known.transferEncoding],
  ["connection", known.connection],
  ["keep-alive", known.keepAlive],
  ["proxy-connection", known.proxyConnection],
  ["proxy-authenticate", known.proxyAuthenticate],
  ["proxy-authorization", known.proxyAuthorization],
  ["te", known.te],
  ["trailer", known.trailer],
  ["upgrade", known.upgrade],
  ["via", known.via],
  ["expect", known.expect],
  ["x-forwarded-client-cert", known.clientCert],
  ["grpc-timeout", known.grpcTimeout],
];

/** The hash of a name in lower case; the parser computes the same while it checks the name's bytes. */
export function nameHash(lowerName: string): number {
  let hash = 0;
  for (let at = 0; at < lowerName.length; at++) hash = (Math.imul(hash, 31) + lowerName.charCodeAt(at)) | 0;
  return hash;
}

const SLOTS = 256;
const slotBits = new Int32Array(SLOTS);
const slotNames: string[] = Array.from({ length: SLOTS }, () => "");
for (const [name, bit] of names) {
  const slot = nameHash(name) & (SLOTS - 1);
  if (slotBits[slot] !== 0) throw new Error(`known fields ${name} and ${slotNames[slot]} share a slot`);
  slotBits[slot] = bit;
  slotNames[slot] = name;
}

/** The bit of the name that stands in `text` from `from` to `to` and has that hash; 0 for a name of no interest. */
export function knownBit(hash: number, text: string, from: number, to: number): number {
  const slot = hash & (SLOTS - 1);
  const bit = slotBits[slot] as number;
  if (bit !== 0) {
    const name = slotNames[slot] as string;
    if (name.length === to - from && sameName(text, from, name)) return bit;
  }
  return to - from > 4 && sameName(text, from, "l5d-") ? known.l5d : 0;
}

/** Whether `text` has `lowerName` at `from`, whatever the case. */
export function sameName(text: string, from: number, lowerName: string): boolean {
  for (let at = 0; at < lowerName.length; at++) {
    if (TOKEN[text.charCodeAt(from + at)] !== lowerName.charCodeAt(at)) return false;
  }
  return true;
}

/** The bits of names that were asked for before: the ones that are added and removed here come with each request. */
const bitsOfNames = new Map<string, number>();
const MAX_NAMES = 256;

/** The bit of a name in any case, or -1 for what is no field name. */
export function bitOfName(name: string): number {
  const found = bitsOfNames.get(name);
  if (found !== undefined) return found;
  if (!isToken(name)) return -1;
  const bit = knownBit(nameHash(name.toLowerCase()), name, 0, name.length);
  if (bitsOfNames.size < MAX_NAMES) bitsOfNames.set(name, bit);
  return bit;
}

/** The bit that says of one name alone whether it is there; 0 for a name without such a bit. */
export function ownBit(name: string): number {
  const bit = bitOfName(name);
  return bit > 0 && bit !== known.l5d ? bit : 0;
}
