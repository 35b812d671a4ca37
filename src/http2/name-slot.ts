/** What an encoder knows of the fields of one name: which values the table holds, and whether it is worth while. */
import type { StaticName } from "./hpack-tables.ts";

/** Values of one name that are held at a time. */
const MAX_HELD = 16;
/** Values that are tried before a name is found not to be worth a place. */
const TRIES = 8;

export class NameSlot {
  readonly #static: StaticName | undefined;
  /** What was asked for last, and where it stands: as `find` says it. */
  #last = "";
  #lastPlace = 0;
  /** The held values, the oldest first, and the numbers of their entries. */
  readonly #values: string[] = [];
  readonly #numbers: number[] = [];
  #tried = 0;
  #found = 0;

  constructor(known: StaticName | undefined) {
    this.#static = known;
  }

  /** Whether no entry of the dynamic table has this name. */
  get isEmpty(): boolean {
    return this.#numbers.length === 0;
  }

  /** The static index of the name alone; 0 for none. */
  get staticIndex(): number {
    return this.#static === undefined ? 0 : this.#static.index;
  }

  /** The number of the newest entry of this name; 0 for none. */
  get newest(): number {
    const { length } = this.#numbers;
    return length === 0 ? 0 : (this.#numbers[length - 1] as number);
  }

  /** The number of the entry that has `value`; a static index as a negative number; 0 where there is none. */
  find(value: string): number {
    if (value === this.#last) {
      // A value that comes twice in a row would have been found, had it been held.
      this.#found++;
      return this.#lastPlace;
    }
    const place = this.#search(value);
    this.#last = value;
    this.#lastPlace = place;
    if (place !== 0) this.#found++;
    return place;
  }

  #search(value: string): number {
    const index = this.#static?.values?.get(value);
    if (index !== undefined) return -index;
    const held = this.#values.lastIndexOf(value);
    return held < 0 ? 0 : (this.#numbers[held] as number);
  }

  /** Whether a value that was not found should be held: not where most never come again. */
  isWorth(): boolean {
    return this.#values.length < MAX_HELD && (this.#tried < TRIES || this.#found >= this.#tried);
  }

  /** `value` was added as the entry of that number. */
  hold(value: string, number: number): void {
    this.#tried++;
    this.#values.push(value);
    this.#numbers.push(number);
    this.#last = value;
    this.#lastPlace = number;
  }

  /** Its oldest entry was evicted. */
  evicted(): void {
    const number = this.#numbers.shift();
    this.#values.shift();
    if (this.#lastPlace === number) this.#lastPlace = 0;
  }
}
