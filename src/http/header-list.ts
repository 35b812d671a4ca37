/** Headers kept as a list: for answers that are made here, for trailers, and for tests. */
import { fieldLine, type FieldLine } from "./field-line.ts";
import type { Headers } from "./headers.ts";
import { ownBit } from "./known-fields.ts";

export class HeaderList implements Headers {
  #names: string[] = [];
  #lowerNames: string[] = [];
  #values: string[] = [];
  #dropped: boolean[] = [];
  #seen = 0;

  /** Throws a TypeError on what may not be sent. */
  static of(fields: Iterable<readonly [name: string, value: string]>): HeaderList {
    const list = new HeaderList();
    for (const [name, value] of fields) list.append(name, value);
    return list;
  }

  /** The live fields of a list that is borrowed. */
  static copyOf(headers: Headers): HeaderList {
    const copy = new HeaderList();
    for (let at = 0; at < headers.size; at++) {
      if (!headers.dropped(at)) copy.append(headers.name(at), headers.value(at));
    }
    return copy;
  }

  get size(): number {
    return this.#names.length;
  }

  get seen(): number {
    return this.#seen;
  }

  reset(): void {
    this.#names = [];
    this.#lowerNames = [];
    this.#values = [];
    this.#dropped = [];
    this.#seen = 0;
  }

  dropped(at: number): boolean {
    return this.#dropped[at] === true;
  }

  name(at: number): string {
    return this.#names[at] ?? "";
  }

  value(at: number): string {
    return this.#values[at] ?? "";
  }

  find(lowerName: string, from = 0): number {
    for (let at = from; at < this.#names.length; at++) {
      if (this.#lowerNames[at] === lowerName && !this.#dropped[at]) return at;
    }
    return -1;
  }

  get(lowerName: string): string | undefined {
    const at = this.find(lowerName);
    return at < 0 ? undefined : this.#values[at];
  }

  drop(at: number): void {
    this.#dropped[at] = true;
  }

  remove(lowerName: string): void {
    for (let at = this.find(lowerName); at >= 0; at = this.find(lowerName, at + 1)) this.#dropped[at] = true;
    this.#seen &= ~ownBit(lowerName);
  }

  append(name: string, value: string): void {
    this.appendLine(fieldLine(name, value));
  }

  appendLine({ name, lowerName, value, seen }: FieldLine): void {
    this.#seen |= seen;
    this.#names.push(name);
    this.#lowerNames.push(lowerName);
    this.#values.push(value);
    this.#dropped.push(false);
  }

  set(name: string, value: string): void {
    this.remove(name.toLowerCase());
    this.append(name, value);
  }
}
