/** HPACK (RFC 7541) for tests: makes blocks by hand, right or wrong, and decodes strictly. */
import { bytes } from "./h2-frames.ts";
import { BadHuffman, huffmanDecode, huffmanEncode } from "./h2-huffman.ts";

export type Field = readonly [name: string, value: string];

const STATIC: readonly Field[] = (
  ":authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|" +
  ":status=206|:status=304|:status=400|:status=404|:status=500|accept-charset|accept-encoding=gzip, deflate|" +
  "accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|" +
  "content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|" +
  "cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|" +
  "last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|" +
  "server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate"
)
  .split("|")
  .map((each) => {
    const at = each.indexOf("=");
    return at < 0 ? [each, ""] : [each.slice(0, at), each.slice(at + 1)];
  });

/** An integer with a prefix of `bits`, behind the bits of `first` (RFC 7541 §5.1). */
export function integer(value: number, bits: number, first = 0): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.of(first | value);
  const out = [first | most];
  let rest = value - most;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...out, rest]);
}

export function text(value: string, huffman = false): Buffer {
  const coded = huffman ? huffmanEncode(value) : bytes(value);
  return Buffer.concat([integer(coded.length, 7, huffman ? 128 : 0), coded]);
}

export const indexed = (at: number): Buffer => integer(at, 7, 128);
export const sizeUpdate = (to: number): Buffer => integer(to, 5, 32);

/** Kinds of literals by their first bits: added to the table, not added, never added. */
const kinds = { added: [64, 6], plain: [0, 4], never: [16, 4] } as const;

export function literal(
  name: string | number,
  value: string,
  kind: keyof typeof kinds = "plain",
  huffman = false,
): Buffer {
  const [first, bits] = kinds[kind];
  const parts = typeof name === "number" ? [integer(name, bits, first)] : [Buffer.of(first), text(name, huffman)];
  return Buffer.concat([...parts, text(value, huffman)]);
}

/** A block of literals that touch no table. */
export const block = (...fields: readonly Field[]): Buffer =>
  Buffer.concat(fields.map(([name, value]) => literal(name, value)));

export class BadBlock extends Error {}

/** A decoder that knows the most that its table may have, and what the encoder owes it after a change. */
export class StrictDecoder {
  /** What SETTINGS_HEADER_TABLE_SIZE allows. */
  #limit = 4096;
  /** What the encoder uses. */
  #size = 4096;
  /** The least limit since the last block, while the encoder has not followed it. */
  #owed: number | undefined = undefined;
  #table: Field[] = [];
  #used = 0;

  allow(limit: number): void {
    this.#limit = limit;
    if (limit < this.#size) this.#owed = Math.min(limit, this.#owed ?? limit);
  }

  /** How many bytes of the table are used. */
  get used(): number {
    return this.#used;
  }

  /** Throws BadBlock. */
  decode(from: Uint8Array): Field[] {
    const reader = new Reader(from);
    const fields: Field[] = [];
    while (!reader.atEnd) {
      const first = reader.peek();
      if (first >= 32 && first < 64) {
        if (fields.length > 0) throw new BadBlock("a size update behind a field");
        this.#resize(reader.integer(5));
        continue;
      }
      if (this.#owed !== undefined)
        throw new BadBlock(`no size update to ${this.#owed} or less, which SETTINGS asked for`);
      fields.push(this.#field(reader, first));
    }
    return fields;
  }

  #field(reader: Reader, first: number): Field {
    if (first >= 128) return this.#at(reader.integer(7));
    const isAdded = first >= 64;
    const at = reader.integer(isAdded ? 6 : 4);
    const name = at === 0 ? reader.text() : this.#at(at)[0];
    const field: Field = [name, reader.text()];
    if (isAdded) this.#add(field);
    return field;
  }

  #resize(to: number): void {
    if (to > this.#limit) throw new BadBlock(`a size update to ${to}, over ${this.#limit}`);
    if (this.#owed !== undefined && to <= this.#owed) this.#owed = undefined;
    this.#size = to;
    this.#evict();
  }

  #at(index: number): Field {
    const field = index <= 61 ? STATIC[index - 1] : this.#table[index - 62];
    if (!field) throw new BadBlock(`no field has index ${index}`);
    return field;
  }

  #add(field: Field): void {
    this.#table.unshift(field);
    this.#used += room(field);
    this.#evict();
  }

  #evict(): void {
    while (this.#used > this.#size) this.#used -= room(this.#table.pop() as Field);
  }
}

const room = ([name, value]: Field): number => name.length + value.length + 32;

class Reader {
  #at = 0;
  readonly #from: Uint8Array;
  constructor(from: Uint8Array) {
    this.#from = from;
  }
  get atEnd(): boolean {
    return this.#at === this.#from.length;
  }
  peek(): number {
    const byte = this.#from[this.#at];
    if (byte === undefined) throw new BadBlock("the block ends within a field");
    return byte;
  }
  integer(bits: number): number {
    const most = 2 ** bits - 1;
    let value = this.peek() & most;
    this.#at++;
    if (value < most) return value;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.peek();
      this.#at++;
      value += (byte & 127) * shift;
      if (value > 2 ** 31) throw new BadBlock("an integer over 2^31");
      if (byte < 128) return value;
    }
  }
  text(): string {
    const isCoded = this.peek() >= 128;
    const length = this.integer(7);
    if (this.#at + length > this.#from.length) throw new BadBlock("a string reaches beyond the block");
    const part = this.#from.subarray(this.#at, this.#at + length);
    this.#at += length;
    if (!isCoded) return Buffer.from(part).toString("latin1");
    try {
      return huffmanDecode(part);
    } catch (error) {
      if (error instanceof BadHuffman) throw new BadBlock(error.message);
      throw error;
    }
  }
}
