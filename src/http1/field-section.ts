/** Reads the fields of a head or of trailers, strictly (RFC 9112 §5). */
import { COLON, CR, HTAB, LF, SP, TOKEN, VALUE } from "../http/grammar.ts";
import type { Flaw } from "./flaw.ts";
import type { HeadBlock } from "./head-block.ts";

/**
 * Adds the lines of `bytes` from `from` to `end` to `block`; positions in its text are those in `bytes` less `base`.
 * At `end` an empty line must stand, so that no scan can pass it.
 */
export function readFields(
  bytes: Uint8Array,
  base: number,
  from: number,
  end: number,
  block: HeadBlock,
  maxFields: number,
): Flaw | undefined {
  let at = from;
  for (let count = 0; at < end; count++) {
    if (count === maxFields) return "head.fields";
    const nameStart = at;
    let hash = 0;
    for (
      let lower = TOKEN[bytes[at] as number] as number;
      lower !== 0;
      lower = TOKEN[bytes[++at] as number] as number
    ) {
      hash = (Math.imul(hash, 31) + lower) | 0;
    }
    if (bytes[at] !== COLON || at === nameStart) return nameFlaw(bytes, nameStart, at);
    const nameEnd = at++;
    while (bytes[at] === SP || bytes[at] === HTAB) at++;
    const valueStart = at;
    while (VALUE[bytes[at] as number] === 1) at++;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return lineFlaw(bytes[at] as number);
    const lineEnd = at;
    let valueEnd = at;
    while (valueEnd > valueStart && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)) valueEnd--;
    block.add(nameStart - base, nameEnd - base, valueStart - base, valueEnd - base, lineEnd - base, hash);
    at = lineEnd + 2;
  }
  return undefined;
}

function nameFlaw(bytes: Uint8Array, nameStart: number, at: number): Flaw {
  const byte = bytes[at] as number;
  if (at === nameStart && (byte === SP || byte === HTAB)) return "field.fold";
  return byte === LF ? "head.ending" : "field.name";
}

const lineFlaw = (byte: number): Flaw => (byte === LF || byte === CR ? "head.ending" : "field.value");
