/** The Huffman code of RFC 7541 appendix B, built from the lengths of its codes alone: it is canonical. */

/** `symbol count x length` in the order of the symbols; the last is EOS. */
const LENGTHS =
  "13 23 28x7 24 30 28x2 30 28x8 30 28x9 6 10x2 12 13 6 8 11 10x2 8 11 8 6x3 5x3 6x7 7 8 15 6 12 10 13 6 7x22 8 7 8 " +
  "13 19 13 14 6 15 5 6 5 6 5 6x3 5 7x2 6x3 5 6 7 6 5x2 6 7x5 15 11 14 13 28 20 22 20x2 22x3 23 22 23x5 24 23 24x2 " +
  "22 23 24 23x4 21 22 23 22 23x2 24 22 21 20 22x2 23x2 21 23 22x2 24 21 22 23x2 21x2 22 21 23 22 23x2 20 22x3 23 " +
  "22x2 23 26x2 20 19 22 23 22 25 26x3 27x2 26 24 25 19 21 26 27x2 26 27 24 21x2 26x2 28 27x3 20 24 20 21 22 21x2 " +
  "23 22x2 25x2 24x2 26 23 26 27 26x2 27x5 28 27x5 26 30";

const EOS = 256;

const lengths: readonly number[] = LENGTHS.split(" ").flatMap((run) => {
  const [length, count] = run.split("x").map(Number);
  return Array.from({ length: count ?? 1 }, () => length as number);
});

/** Codes as text of 0 and 1, by symbol. */
const codes = assign();
const symbols = new Map(codes.map((code, symbol) => [code, symbol]));

function assign(): string[] {
  if (lengths.length !== EOS + 1) throw new Error(`${lengths.length} lengths of codes`);
  const out: string[] = Array.from({ length: lengths.length }, () => "");
  let next = 0n;
  let width = 0;
  const order = lengths.map((_length, symbol) => symbol);
  for (const symbol of order.sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b)) {
    const length = lengths[symbol] as number;
    next <<= BigInt(length - width);
    width = length;
    out[symbol] = next.toString(2).padStart(length, "0");
    next++;
  }
  if (next !== 1n << BigInt(width)) throw new Error("the lengths of the codes do not fill the code");
  return out;
}

export class BadHuffman extends Error {}

/** `pad` is what fills the last byte; canonical is ones. */
export function huffmanEncode(text: string, pad: "0" | "1" = "1"): Buffer {
  let bits = "";
  for (const byte of Buffer.from(text, "latin1")) bits += codes[byte];
  while (bits.length % 8 !== 0) bits += pad;
  return fromBits(bits);
}

/** The code of EOS, which no string may hold, between two strings. */
export function huffmanWithEos(before: string): Buffer {
  let bits = "";
  for (const byte of Buffer.from(before, "latin1")) bits += codes[byte];
  bits += codes[EOS];
  while (bits.length % 8 !== 0) bits += "1";
  return fromBits(bits);
}

function fromBits(bits: string): Buffer {
  return Buffer.from(bits.match(/.{8}/g)?.map((each) => Number.parseInt(each, 2)) ?? []);
}

/** Throws BadHuffman on EOS, and on padding of more than 7 bits or of anything but ones (RFC 7541 §5.2). */
export function huffmanDecode(bytes: Uint8Array): string {
  const out: number[] = [];
  let code = "";
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code += (byte >> bit) & 1;
      const symbol = symbols.get(code);
      if (symbol === undefined) continue;
      if (symbol === EOS) throw new BadHuffman("EOS in a string");
      out.push(symbol);
      code = "";
    }
  }
  if (code.length > 7) throw new BadHuffman("padding of more than 7 bits");
  if (code.includes("0")) throw new BadHuffman("padding that is not ones");
  return Buffer.from(out).toString("latin1");
}
