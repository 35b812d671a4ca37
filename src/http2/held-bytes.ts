/** Bytes that wait for somebody to take them, in one memory that grows by doubling. */

const LEAST = 1024;

export class HeldBytes {
  #bytes: Buffer | undefined = undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array, from: number, to: number): void {
    const length = this.#length + to - from;
    if (this.#bytes === undefined || this.#bytes.length < length) this.#grow(length);
    this.#bytes?.set(bytes.subarray(from, to), this.#length);
    this.#length = length;
  }

  /** Everything that was added since; the memory is the taker's. */
  take(): Buffer | undefined {
    const taken = this.#bytes?.subarray(0, this.#length);
    this.clear();
    return taken;
  }

  clear(): void {
    this.#bytes = undefined;
    this.#length = 0;
  }

  #grow(length: number): void {
    // A first piece is most often the only one.
    const grown = Buffer.allocUnsafeSlow(this.#length === 0 ? length : Math.max(2 * length, LEAST));
    if (this.#bytes !== undefined) this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
