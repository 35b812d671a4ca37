/** Reads header blocks (RFC 7541 §3.2, §6): what cannot be read exactly is an error of the whole connection. */
import { DynamicTable, ENTRY_OVERHEAD } from "./dynamic-table.ts";
import { BAD_VALUE, NEVER, nameKind } from "./field-kind.ts";
import { STATIC_ENTRIES, STATIC_KINDS, STATIC_NAMES, STATIC_VALUES } from "./hpack-tables.ts";
import { literals } from "./literal-reader.ts";

export interface FieldSink {
  /** Latin1; the name as it was sent. `kind` is what field-kind.ts knows of both. */
  field(name: string, value: string, kind: number): void;
}

/** What both sides begin with (RFC 9113 §6.5.2). */
export const INITIAL_TABLE_SIZE = 4096;
/** Continuation bytes of an integer: with four it is below 2^29, which no length of ours comes near. */
const MAX_CONTINUATIONS = 4;
/** RFC 7541 §4.2: the smallest size since the last block, then the present one. */
const MAX_UPDATES = 2;

export class HpackDecoder {
  readonly #table = new DynamicTable(INITIAL_TABLE_SIZE);
  readonly #advertised: number;
  readonly #maxListBytes: number;
  /** Up to which size the table may be set. */
  #limit: number;
  #mustShrink = false;
  #at = 0;
  /** What the list may still take. */
  #left = 0;

  /**
   * `maxTableSize` is the SETTINGS_HEADER_TABLE_SIZE that was advertised, `maxListBytes` bounds the size of a list as
   * RFC 9113 §6.5.2 counts it.
   */
  constructor(maxTableSize: number, maxListBytes: number) {
    this.#advertised = maxTableSize;
    this.#limit = Math.max(maxTableSize, INITIAL_TABLE_SIZE);
    this.#maxListBytes = maxListBytes;
  }

  /** The peer has acknowledged our first SETTINGS: from here on the advertised size is the limit (RFC 9113 §4.3.1). */
  acknowledged(): void {
    this.#limit = this.#advertised;
    this.#mustShrink = this.#table.capacity > this.#advertised;
  }

  /**
   * Decodes a whole block. "compression": the connection must end with COMPRESSION_ERROR. "too-large": the list exceeds
   * the bound; the block was read to its end, so that the table stays in step, but `sink` got only what is within it.
   */
  decode(bytes: Buffer, start: number, end: number, sink: FieldSink): undefined | "compression" | "too-large" {
    this.#at = start;
    this.#left = this.#maxListBytes;
    if (!this.#readUpdates(bytes, end)) return "compression";
    while (this.#at < end) {
      const first = bytes[this.#at] as number;
      let isGood: boolean;
      if (first >= 128) isGood = this.#readIndexed(bytes, end, sink);
      else if (first >= 64) isGood = this.#readLiteral(bytes, end, sink, 63, true, false);
      // An update of the size may stand at the beginning only.
      else if (first >= 32) return "compression";
      else isGood = this.#readLiteral(bytes, end, sink, 15, false, first >= 16);
      if (!isGood) return "compression";
    }
    return this.#left < 0 ? "too-large" : undefined;
  }

  #readUpdates(bytes: Buffer, end: number): boolean {
    for (let count = 0; this.#at < end && ((bytes[this.#at] as number) & 0xe0) === 0x20; count++) {
      const size = this.#readInteger(bytes, end, 31);
      if (size < 0 || size > this.#limit || count === MAX_UPDATES) return false;
      this.#table.resize(size);
      this.#mustShrink = false;
    }
    return !this.#mustShrink;
  }

  #readIndexed(bytes: Buffer, end: number, sink: FieldSink): boolean {
    const index = this.#readInteger(bytes, end, 127);
    if (index <= 0) return false;
    if (index <= STATIC_ENTRIES) {
      this.#give(STATIC_NAMES[index] as string, STATIC_VALUES[index] as string, STATIC_KINDS[index] as number, sink);
      return true;
    }
    const age = index - STATIC_ENTRIES;
    const table = this.#table;
    if (age > table.count) return false;
    this.#give(table.name(age), table.value(age), table.kind(age), sink);
    return true;
  }

  #readLiteral(
    bytes: Buffer,
    end: number,
    sink: FieldSink,
    prefix: number,
    isKept: boolean,
    isSecret: boolean,
  ): boolean {
    const index = this.#readInteger(bytes, end, prefix);
    if (index < 0) return false;
    let name: string;
    let kind: number;
    if (index === 0) {
      if (!this.#readString(bytes, end, false)) return false;
      name = literals.text;
      kind = nameKind(name);
    } else if (index <= STATIC_ENTRIES) {
      name = STATIC_NAMES[index] as string;
      kind = STATIC_KINDS[index] as number;
    } else {
      const age = index - STATIC_ENTRIES;
      if (age > this.#table.count) return false;
      name = this.#table.name(age);
      kind = this.#table.kind(age) & ~BAD_VALUE;
    }
    if (!this.#readString(bytes, end, isSecret || (kind & NEVER) !== 0)) return false;
    const value = literals.text;
    if (!literals.isValue) kind |= BAD_VALUE;
    if (isSecret) kind |= NEVER;
    if (isKept) this.#table.add(name, value, kind);
    this.#give(name, value, kind, sink);
    return true;
  }

  #give(name: string, value: string, kind: number, sink: FieldSink): void {
    this.#left -= name.length + value.length + ENTRY_OVERHEAD;
    if (this.#left >= 0) sink.field(name, value, kind);
  }

  /** Leaves it in `literals`. */
  #readString(bytes: Buffer, end: number, isSecret: boolean): boolean {
    const start = this.#at;
    if (start >= end) return false;
    const isHuffman = (bytes[start] as number) >= 128;
    const length = this.#readInteger(bytes, end, 127);
    const from = this.#at;
    if (length < 0 || length > end - from) return false;
    this.#at = from + length;
    return literals.read(bytes, from, from + length, isHuffman, isSecret);
  }

  /** The integer whose first byte's low bits are `prefix` (RFC 7541 §5.1); -1 where it has no end, or is too large. */
  #readInteger(bytes: Buffer, end: number, prefix: number): number {
    let value = (bytes[this.#at++] as number) & prefix;
    if (value < prefix) return value;
    for (let count = 0; count < MAX_CONTINUATIONS && this.#at < end; count++) {
      const byte = bytes[this.#at++] as number;
      value += (byte & 127) << (7 * count);
      if (byte < 128) return value;
    }
    return -1;
  }
}
