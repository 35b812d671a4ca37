/** Reads the strings of header blocks, and knows those that come often, so that they are neither decoded nor made anew. */
import { isValue } from "./field-kind.ts";
import { decodedBound, decodeHuffman } from "./huffman.ts";

/** Strings that are kept, each in the one place that its bytes point to. */
const PLACES = 1024;
/** Bytes of one that is kept, as it came. */
const MAX_KEPT = 64;
const HUFFMAN = 128;
const SCRATCH = 8192;

class LiteralReader {
  /** What was read last. */
  text = "";
  /** Whether it may stand as a value. */
  isValue = true;
  readonly #bytes = new Uint8Array(PLACES * MAX_KEPT);
  /** Of each its length, with a bit for Huffman's code. */
  readonly #forms = new Uint8Array(PLACES);
  readonly #texts: string[] = Array.from({ length: PLACES }, () => "");
  readonly #areValues = new Uint8Array(PLACES);
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH);

  /** Reads `bytes` from `start` to `end`; a secret is not kept. False where the code is broken. */
  read(bytes: Buffer, start: number, end: number, isHuffman: boolean, isSecret: boolean): boolean {
    const length = end - start;
    if (length === 0) {
      this.text = "";
      this.isValue = true;
      return true;
    }
    if (length > MAX_KEPT || isSecret) return this.#decode(bytes, start, end, isHuffman);
    let hash = length;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
    const form = isHuffman ? length | HUFFMAN : length;
    if (this.#forms[place] === form && this.#isAt(place, bytes, start, length)) {
      this.text = this.#texts[place] as string;
      this.isValue = this.#areValues[place] === 1;
      return true;
    }
    if (!this.#decode(bytes, start, end, isHuffman)) return false;
    this.#forms[place] = form;
    const base = place * MAX_KEPT;
    for (let offset = 0; offset < length; offset++) this.#bytes[base + offset] = bytes[start + offset] as number;
    this.#texts[place] = this.text;
    this.#areValues[place] = this.isValue ? 1 : 0;
    return true;
  }

  #isAt(place: number, bytes: Buffer, start: number, length: number): boolean {
    const kept = this.#bytes;
    const base = place * MAX_KEPT;
    for (let offset = 0; offset < length; offset++) {
      if (kept[base + offset] !== bytes[start + offset]) return false;
    }
    return true;
  }

  #decode(bytes: Buffer, start: number, end: number, isHuffman: boolean): boolean {
    if (isHuffman) {
      const bound = decodedBound(end - start);
      const out = bound <= SCRATCH ? this.#scratch : Buffer.allocUnsafe(bound);
      const length = decodeHuffman(bytes, start, end, out);
      if (length < 0) return false;
      this.text = out.toString("latin1", 0, length);
    } else this.text = bytes.toString("latin1", start, end);
    this.isValue = isValue(this.text);
    return true;
  }
}

/** One for all connections: what one of them sends the next sends too. */
export const literals = new LiteralReader();
