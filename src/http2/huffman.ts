/** Reads the Huffman code of HPACK (RFC 7541 appendix B), which is canonical: the lengths of its codes say it all. */

/** The length of the code of each byte, and of the end of a string (256), as one letter each: `a` is 1. */
const LENGTHS = lengths(
  "13 23 28*7 24 30 28*2 30 28*8 30 28*9 6 10*2 12 13 6 8 11 10*2 8 11 8 6*3 5*3 6*7 7 8 15 6 12 10 13 6 7*22 " +
    "8 7 8 13 19 13 14 6 15 5 6 5 6 5 6*3 5 7*2 6*3 5 6 7 6 5*2 6 7*5 15 11 14 13 28 20 22 20*2 22*3 23 22 23*5 24 " +
    "23 24*2 22 23 24 23*4 21 22 23 22 23*2 24 22 21 20 22*2 23*2 21 23 22*2 24 21 22 23*2 21*2 22 21 23 22 23*2 20 " +
    "22*3 23 22*2 23 26*2 20 19 22 23 22 25 26*3 27*2 26 24 25 19 21 26 27*2 26 27 24 21*2 26*2 28 27*3 20 24 20 21 " +
    "22 21*2 23 22*2 25*2 24*2 26 23 26 27 26*2 27*5 28 27*5 26 30",
);
const MAX_LENGTH = 30;
const END_OF_STRING = 256;

function lengths(text: string): Uint8Array {
  const out: number[] = [];
  for (const each of text.split(" ")) {
    const [length, times = "1"] = each.split("*");
    for (let left = Number(times); left > 0; left--) out.push(Number(length));
  }
  return Uint8Array.from(out);
}

/** The symbols in the order of their codes. */
const SYMBOLS = new Uint16Array(END_OF_STRING + 1);
/** For each length its first code, how many there are, and where their symbols stand. */
const FIRST = new Int32Array(MAX_LENGTH + 1);
const COUNT = new Int32Array(MAX_LENGTH + 1);
const PLACE = new Int32Array(MAX_LENGTH + 1);
/** For eight bits that start with a whole code: its length in the high byte, its symbol in the low one; else 0. */
const SHORT = new Uint16Array(256);

let code = 0;
let placed = 0;
for (let length = 1; length <= MAX_LENGTH; length++) {
  code *= 2;
  FIRST[length] = code;
  PLACE[length] = placed;
  for (let symbol = 0; symbol <= END_OF_STRING; symbol++) {
    if (LENGTHS[symbol] !== length) continue;
    if (length <= 8) SHORT.fill((length << 8) | symbol, code << (8 - length), (code + 1) << (8 - length));
    SYMBOLS[placed++] = symbol;
    code++;
  }
  COUNT[length] = placed - (PLACE[length] as number);
}

/** How many bytes `length` bytes of code can be at most: no code is shorter than five bits. */
export const decodedBound = (length: number): number => Math.floor((length * 8) / 5);

/**
 * Decodes the code from `start` to `end` into `out`, which has room for it. Returns how many bytes it is, or -1 where the
 * end of a string stands in it, or where it is filled up with anything but up to seven ones (RFC 7541 §5.2).
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let at = start;
  let pending = 0;
  let bits = 0;
  let length = 0;
  while (at < end) {
    pending = (pending << 8) | (bytes[at++] as number);
    bits += 8;
    while (bits >= 8) {
      const entry = SHORT[(pending >>> (bits - 8)) & 255] as number;
      if (entry !== 0) {
        out[length++] = entry & 255;
        bits -= entry >>> 8;
        continue;
      }
      const from = at * 8 - bits;
      const found = longCode(bytes, from, end);
      if (found < 0) return -1;
      out[length++] = found & 255;
      const next = from + (found >>> 8);
      at = (next + 7) >>> 3;
      bits = at * 8 - next;
      pending = bytes[at - 1] as number;
    }
  }
  // Fewer than eight bits are left: filled up with ones they are short codes, and then ones only.
  for (;;) {
    const entry = SHORT[((pending << (8 - bits)) | (255 >>> bits)) & 255] as number;
    const size = entry >>> 8;
    if (entry === 0 || size > bits) break;
    out[length++] = entry & 255;
    bits -= size;
  }
  const ones = (1 << bits) - 1;
  return (pending & ones) === ones ? length : -1;
}

/** The code of more than eight bits at bit `from`: its length above, its symbol in the low byte; -1 for none. */
function longCode(bytes: Uint8Array, from: number, end: number): number {
  const at = from >>> 3;
  const shift = from & 7;
  const high =
    ((bytes[at] as number) << 24) |
    ((at + 1 < end ? (bytes[at + 1] as number) : 0) << 16) |
    ((at + 2 < end ? (bytes[at + 2] as number) : 0) << 8) |
    (at + 3 < end ? (bytes[at + 3] as number) : 0);
  const fifth = at + 4 < end ? (bytes[at + 4] as number) : 0;
  const window = ((high << shift) | (fifth >>> (8 - shift))) >>> 0;
  const left = end * 8 - from;
  for (let length = 9; length <= MAX_LENGTH && length <= left; length++) {
    const offset = (window >>> (32 - length)) - (FIRST[length] as number);
    if (offset >= (COUNT[length] as number)) continue;
    const symbol = SYMBOLS[(PLACE[length] as number) + offset] as number;
    return symbol === END_OF_STRING ? -1 : (length << 8) | symbol;
  }
  return -1;
}
