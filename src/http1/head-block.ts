/** The header fields of an HTTP/1 message as they came: one string, and a table of where in it each field stands. */
import type { Headers } from "../http/headers.ts";
import { fieldLine, type FieldLine } from "../http/field-line.ts";
import { known, knownBit, ownBit, sameName } from "../http/known-fields.ts";

/** Columns of the table, for each field. */
const NAME_START = 0;
const NAME_END = 1;
const VALUE_START = 2;
const VALUE_END = 3;
const FLAGS = 4;
const COLUMNS = 5;

/** Stands in the place of an appended field that was dropped. */
const GONE: FieldLine = { name: "", lowerName: "", value: "", text: "", seen: 0 };

const DROPPED = 1;
/** The line is not exactly `name: value`, so it is written anew. */
const CROOKED = 2;

/**
 * The parser calls `reset`, then `add` for each field. Untouched canonical lines leave as they came, in
 * one piece.
 */
export class HeadBlock implements Headers {
  #text = "";
  #start = 0;
  #end = 0;
  #table = new Int32Array(32 * COLUMNS);
  #count = 0;
  /** The first `#added` of them; the array is never emptied, for it would grow anew with each message. */
  readonly #appended: FieldLine[] = [];
  #added = 0;
  /** Whether some line may not leave as it came. */
  #touched = false;
  #seen = 0;
  #repeated = 0;

  get size(): number {
    return this.#count + this.#added;
  }

  get seen(): number {
    return this.#seen;
  }

  /** Bits of the known fields that came more than once. */
  get repeated(): number {
    return this.#repeated;
  }

  /** `text` is the head; fields are added by their places in it. The first line of them starts at `start`. */
  reset(text: string, start: number): void {
    this.#text = text;
    this.#start = start;
    this.#end = start;
    this.#count = 0;
    this.#added = 0;
    this.#touched = false;
    this.#seen = 0;
    this.#repeated = 0;
  }

  /** A line from `nameStart` to `lineEnd` (its CRLF not counted) that was found valid. */
  add(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number, lineEnd: number, hash: number): void {
    const row = this.#count * COLUMNS;
    if (row === this.#table.length) this.#grow();
    const table = this.#table;
    const text = this.#text;
    const straight = valueStart === nameEnd + 2 && valueEnd === lineEnd && text.charCodeAt(nameEnd + 1) === 32;
    table[row + NAME_START] = nameStart;
    table[row + NAME_END] = nameEnd;
    table[row + VALUE_START] = valueStart;
    table[row + VALUE_END] = valueEnd;
    table[row + FLAGS] = straight ? 0 : CROOKED;
    if (!straight) this.#touched = true;
    this.#count++;
    this.#end = lineEnd + 2;
    const bit = knownBit(hash, text, nameStart, nameEnd);
    this.#repeated |= this.#seen & bit;
    this.#seen |= bit;
  }

  dropped(at: number): boolean {
    if (at >= this.#count) return this.#lineAt(at) === GONE;
    return ((this.#table[at * COLUMNS + FLAGS] as number) & DROPPED) !== 0;
  }

  name(at: number): string {
    if (at >= this.#count) return this.#lineAt(at)?.name ?? "";
    return this.#cut(at, NAME_START);
  }

  value(at: number): string {
    if (at >= this.#count) return this.#lineAt(at)?.value ?? "";
    return this.#cut(at, VALUE_START);
  }

  find(lowerName: string, from = 0): number {
    const table = this.#table;
    const { length } = lowerName;
    for (let at = from; at < this.#count; at++) {
      const row = at * COLUMNS;
      const start = table[row + NAME_START] as number;
      if ((table[row + NAME_END] as number) - start !== length) continue;
      if (((table[row + FLAGS] as number) & DROPPED) === 0 && sameName(this.#text, start, lowerName)) return at;
    }
    for (let at = Math.max(from, this.#count); at < this.size; at++) {
      const { name } = this.#appended[at - this.#count] as FieldLine;
      if (name.length === lowerName.length && sameName(name, 0, lowerName)) return at;
    }
    return -1;
  }

  get(lowerName: string): string | undefined {
    const at = this.find(lowerName);
    return at < 0 ? undefined : this.value(at);
  }

  drop(at: number): void {
    if (at >= this.#count) {
      this.#appended[at - this.#count] = GONE;
      return;
    }
    const row = at * COLUMNS;
    this.#table[row + FLAGS] = (this.#table[row + FLAGS] as number) | DROPPED;
    this.#touched = true;
  }

  /** Drops the only field that `bit` is about. */
  take(at: number, bit: number): void {
    this.drop(at);
    this.#seen &= ~bit;
  }

  remove(lowerName: string): void {
    const bit = ownBit(lowerName);
    if (bit !== 0 && (this.#seen & bit) === 0) return;
    for (let at = this.find(lowerName); at >= 0; at = this.find(lowerName, at + 1)) this.drop(at);
    this.#seen &= ~bit;
  }

  append(name: string, value: string): void {
    this.appendLine(fieldLine(name, value));
  }

  appendLine(line: FieldLine): void {
    this.#seen |= line.seen;
    this.#appended[this.#added++] = line;
  }

  set(name: string, value: string): void {
    this.remove(name.toLowerCase());
    this.append(name, value);
  }

  /** Every live field as a canonical line with its CRLF. */
  lines(): string {
    let out = this.#touched ? this.#touchedLines() : this.#text.slice(this.#start, this.#end);
    for (let at = 0; at < this.#added; at++) out += (this.#appended[at] as FieldLine).text;
    return out;
  }

  /** Runs of lines that may leave as they came are copied whole. */
  #touchedLines(): string {
    let out = "";
    let runStart = this.#start;
    for (let at = 0; at < this.#count; at++) {
      const row = at * COLUMNS;
      const flags = this.#table[row + FLAGS] as number;
      if (flags === 0) continue;
      const lineStart = this.#table[row + NAME_START] as number;
      if (runStart < lineStart) out += this.#text.slice(runStart, lineStart);
      if (flags === CROOKED) out += `${this.#cut(at, NAME_START)}: ${this.#cut(at, VALUE_START)}\r\n`;
      runStart = at + 1 < this.#count ? (this.#table[row + COLUMNS + NAME_START] as number) : this.#end;
    }
    return runStart < this.#end ? out + this.#text.slice(runStart, this.#end) : out;
  }

  #lineAt(at: number): FieldLine | undefined {
    return at < this.size ? this.#appended[at - this.#count] : undefined;
  }

  #cut(at: number, column: number): string {
    const row = at * COLUMNS + column;
    return this.#text.slice(this.#table[row], this.#table[row + 1]);
  }

  #grow(): void {
    const larger = new Int32Array(this.#table.length * 2);
    larger.set(this.#table);
    this.#table = larger;
  }
}

/** What only the codec itself may say on a connection, as bits of `known`. */
export const CODEC_FIELDS =
  known.connection | known.transferEncoding | known.keepAlive | known.proxyConnection | known.upgrade;
