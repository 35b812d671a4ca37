/** Lines that wait to be written: two pieces of memory, one that fills while the other is on its way to the disk. */

/** Of each of the two. */
const BYTES = 256 * 1_024;

/** Whole lines, one after the other. */
export interface Lines {
  readonly bytes: Uint8Array;
  readonly count: number;
}

export class LineBuffer {
  readonly #size: number;
  #filling: Buffer;
  #spare: Buffer | undefined;
  /** On its way. */
  #taken: Buffer | undefined;
  #length = 0;
  #count = 0;

  constructor(size = BYTES) {
    this.#size = size;
    this.#filling = Buffer.allocUnsafeSlow(size);
    this.#spare = Buffer.allocUnsafeSlow(size);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** More than half of what fills is full. */
  get isHalfFull(): boolean {
    return this.#length * 2 > this.#size;
  }

  /** `line` is latin1 and has its end. False where there is no room for it. */
  add(line: string): boolean {
    if (this.#length + line.length > this.#size) return false;
    this.#length += this.#filling.write(line, this.#length, "latin1");
    this.#count++;
    return true;
  }

  /** What has gathered, for one writer at a time, who calls `release` when it is written. `undefined` for nothing. */
  take(): Lines | undefined {
    const next = this.#spare;
    if (this.#count === 0 || next === undefined) return undefined;
    const lines = { bytes: this.#filling.subarray(0, this.#length), count: this.#count };
    this.#spare = undefined;
    this.#taken = this.#filling;
    this.#filling = next;
    this.#length = 0;
    this.#count = 0;
    return lines;
  }

  release(): void {
    this.#spare ??= this.#taken;
    this.#taken = undefined;
  }
}
