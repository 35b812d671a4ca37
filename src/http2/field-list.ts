/** The header fields of an HTTP/2 message: lists that stay, and are filled anew with each message. */
import { fieldLine, type FieldLine } from "../http/field-line.ts";
import type { Headers } from "../http/headers.ts";
import { ownBit } from "../http/known-fields.ts";
import { DROPPED, NEVER, nameKind, SEEN } from "./field-kind.ts";

/** What is kept between two messages: one with very many fields must not be held for good. */
const MAX_KEPT = 64;
/** What a field takes in a header block beside its name and value, at most. */
export const FIELD_OVERHEAD = 18;

/** Names are in lower case. The reader of a block calls `add`, with what it found valid. */
export class FieldList implements Headers {
  #names: string[] = [];
  #values: string[] = [];
  #kinds: number[] = [];
  #count = 0;
  #seen = 0;
  #bytes = 0;

  get size(): number {
    return this.#count;
  }

  get seen(): number {
    return this.#seen;
  }

  /** Bytes that the fields take in a header block at most. */
  get blockBytes(): number {
    return this.#bytes;
  }

  reset(): void {
    this.#count = 0;
    this.#seen = 0;
    this.#bytes = 0;
    if (this.#names.length <= MAX_KEPT) return;
    this.#names = [];
    this.#values = [];
    this.#kinds = [];
  }

  /** `kind` is what field-kind.ts knows of the name, which is in lower case. Returns the field's position. */
  add(name: string, value: string, kind: number): number {
    const at = this.#count++;
    this.#names[at] = name;
    this.#values[at] = value;
    this.#kinds[at] = kind;
    this.#seen |= kind & SEEN;
    this.#bytes += name.length + value.length + FIELD_OVERHEAD;
    return at;
  }

  /** Adds a crumb to the cookie that stands at `at` (RFC 9113 §8.2.3). A secret crumb makes the whole one a secret. */
  addCrumb(at: number, crumb: string, kind: number): void {
    const before = this.#values[at] as string;
    // An empty crumb would leave white space at the end of the field.
    if (crumb !== "") this.#values[at] = before === "" ? crumb : `${before}; ${crumb}`;
    this.#kinds[at] = (this.#kinds[at] as number) | (kind & NEVER);
    this.#bytes += crumb.length + 2;
  }

  /** Of the field at that position, with DROPPED for one that is gone. */
  kind(at: number): number {
    return at < this.#count ? (this.#kinds[at] as number) : DROPPED;
  }

  dropped(at: number): boolean {
    return (this.kind(at) & DROPPED) !== 0;
  }

  name(at: number): string {
    return at < this.#count ? (this.#names[at] as string) : "";
  }

  value(at: number): string {
    return at < this.#count ? (this.#values[at] as string) : "";
  }

  find(lowerName: string, from = 0): number {
    for (let at = from; at < this.#count; at++) {
      if (this.#names[at] === lowerName && ((this.#kinds[at] as number) & DROPPED) === 0) return at;
    }
    return -1;
  }

  get(lowerName: string): string | undefined {
    const at = this.find(lowerName);
    return at < 0 ? undefined : this.#values[at];
  }

  drop(at: number): void {
    if (at < this.#count) this.#kinds[at] = (this.#kinds[at] as number) | DROPPED;
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
    this.add(line.lowerName, line.value, nameKind(line.lowerName));
  }

  set(name: string, value: string): void {
    this.remove(name.toLowerCase());
    this.append(name, value);
  }
}
