/** The integers and strings of HPACK as they are written (RFC 7541 §5): no Huffman code, which costs more than it saves. */

/** Bytes that an integer takes at most. */
export const INTEGER_BOUND = 6;
/** Up to this length a loop is faster than a call into the runtime. */
const LOOP = 48;

/** Writes `value` behind `flags`, of which the bits of `prefix` are free; returns the end. */
export function writeInteger(out: Buffer, at: number, flags: number, prefix: number, value: number): number {
  if (value < prefix) {
    out[at] = flags | value;
    return at + 1;
  }
  out[at++] = flags | prefix;
  let left = value - prefix;
  while (left >= 128) {
    out[at++] = (left & 127) | 128;
    left >>>= 7;
  }
  out[at] = left;
  return at + 1;
}

/** Writes a string of latin1; returns the end. */
export function writeString(out: Buffer, at: number, text: string): number {
  const { length } = text;
  const from = writeInteger(out, at, 0, 127, length);
  if (length > LOOP) return from + out.write(text, from, length, "latin1");
  for (let index = 0; index < length; index++) out[from + index] = text.charCodeAt(index);
  return from + length;
}
