/** Jute, ZooKeeper's serialisation: big-endian numbers, buffers and strings with a length before them. */

/** Writes one record into memory that grows. */
export class JuteWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  int(value: number): this {
    this.#reserve(4);
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
    return this;
  }

  long(value: bigint): this {
    this.#reserve(8);
    this.#at = this.#bytes.writeBigInt64BE(value, this.#at);
    return this;
  }

  boolean(value: boolean): this {
    this.#reserve(1);
    this.#at = this.#bytes.writeUInt8(value ? 1 : 0, this.#at);
    return this;
  }

  /** Absent is length -1. */
  buffer(value: Uint8Array | undefined): this {
    if (value === undefined) return this.int(-1);
    this.int(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  string(value: string): this {
    const length = Buffer.byteLength(value);
    this.int(length);
    this.#reserve(length);
    this.#at += this.#bytes.write(value, this.#at);
    return this;
  }

  vector<T>(values: readonly T[], write: (value: T) => void): this {
    this.int(values.length);
    for (const value of values) write(value);
    return this;
  }

  /** What was written. The writer must not be used after it. */
  done(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #reserve(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}

/** Bytes that are no record, or not the one that was expected. */
export class JuteError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "JuteError";
  }
}

/** Reads one record; throws JuteError where the bytes end too soon or a length makes no sense. */
export class JuteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  long(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  boolean(): boolean {
    return this.#bytes[this.#take(1)] !== 0;
  }

  /** A copy, so that a small value does not keep a large frame alive. */
  buffer(): Buffer | undefined {
    const length = this.int();
    if (length === -1) return undefined;
    const at = this.#take(length);
    return Buffer.from(this.#bytes.subarray(at, at + length));
  }

  /** Absent reads as "". */
  string(): string {
    const length = this.int();
    if (length === -1) return "";
    const at = this.#take(length);
    return this.#bytes.toString("utf8", at, at + length);
  }

  vector<T>(read: () => T): T[] {
    const length = this.int();
    // Every element has at least one byte; a longer vector is a lie that must not make us allocate.
    if (length > this.remaining) throw new JuteError(`a vector of ${length} in ${this.remaining} bytes`);
    const values: T[] = [];
    for (let at = 0; at < length; at++) values.push(read());
    return values;
  }

  #take(length: number): number {
    const at = this.#at;
    if (length < 0 || length > this.remaining) throw new JuteError(`${length} bytes of the ${this.remaining} left`);
    this.#at = at + length;
    return at;
  }
}
