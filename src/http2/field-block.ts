/** Writes the fields of a message as they may stand in HTTP/2, from whatever list they are in. */
import type { Headers } from "../http/headers.ts";
import { known } from "../http/known-fields.ts";
import { CONNECTION, DROPPED, LATE, lowerName, nameKind } from "./field-kind.ts";
import { FIELD_OVERHEAD, FieldList } from "./field-list.ts";
import { HpackEncoder } from "./hpack-encoder.ts";

/** What no list may say in HTTP/2, or what the block says in another way. */
const OWN = CONNECTION | DROPPED | known.host | known.te;
/** Bytes for the pseudo fields' names, what announces them, `te`, and a content-length. */
const BLOCK_OVERHEAD = 256;

/** How the content-length of a list is treated: a number is the true one, `DROPPED_LENGTH` keeps none. */
export const DROPPED_LENGTH = -1;
/** A length that tells of another answer's body: it stands as it is, if there is one only (RFC 9110 §8.6). */
export const FOREIGN_LENGTH = -2;

/** Bytes that `headers` take in a block at most, with its beginning and all but the values of its pseudo fields. */
export function fieldsBound(headers: Headers): number {
  const begin = HpackEncoder.beginBound + BLOCK_OVERHEAD;
  if (headers instanceof FieldList) return begin + headers.blockBytes;
  let bytes = begin;
  for (let at = 0; at < headers.size; at++) {
    if (!headers.dropped(at)) bytes += headers.name(at).length + headers.value(at).length + FIELD_OVERHEAD;
  }
  return bytes;
}

/** Writes every live field but those that a block says in another way, and `skipped`; returns the end. */
export function writeFields(
  headers: Headers,
  length: number,
  skipped: string,
  encoder: HpackEncoder,
  out: Buffer,
  at: number,
): number {
  const list = headers instanceof FieldList ? headers : undefined;
  let needsLength = true;
  let end = at;
  for (let place = 0; place < headers.size; place++) {
    if (list === undefined && headers.dropped(place)) continue;
    const name = list === undefined ? lowerName(headers.name(place)) : list.name(place);
    const kind = list === undefined ? nameKind(name) : list.kind(place);
    if ((kind & (OWN | known.contentLength)) !== 0) {
      if ((kind & OWN) !== 0 || !needsLength) continue;
      const value = lengthText(headers, place, length);
      if (value === "") continue;
      needsLength = false;
      end = encoder.field(name, value, out, end, kind);
    } else if (name !== skipped) end = encoder.field(name, headers.value(place), out, end, kind);
  }
  return end;
}

/** Writes what may stand in trailers; returns the end. */
export function writeTrailers(headers: Headers, encoder: HpackEncoder, out: Buffer, at: number): number {
  const list = headers instanceof FieldList ? headers : undefined;
  let end = at;
  for (let place = 0; place < headers.size; place++) {
    if (headers.dropped(place)) continue;
    const name = list === undefined ? lowerName(headers.name(place)) : list.name(place);
    const kind = list === undefined ? nameKind(name) : list.kind(place);
    if ((kind & (LATE | CONNECTION)) === 0) end = encoder.field(name, headers.value(place), out, end, kind);
  }
  return end;
}

/** The content-length to write for the one at `place`; "" for none. */
function lengthText(headers: Headers, place: number, length: number): string {
  if (length >= 0) return String(length);
  if (length === DROPPED_LENGTH) return "";
  const value = headers.value(place);
  const isOnly = headers.find("content-length") === place && headers.find("content-length", place + 1) < 0;
  return isOnly && /^(?:0|[1-9]\d{0,14})$/.test(value) ? value : "";
}
