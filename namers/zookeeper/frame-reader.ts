/** Cuts a stream of bytes into frames, for one connection. */

/** Bytes that are no frame of ZooKeeper. */
export class FrameError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FrameError";
  }
}

/** Holds at most one frame that is not complete; lives and dies with its connection. */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Length of the frame under way; -1 while its length is not known. */
  #wanted = -1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
  }

  /** The next complete frame without its length, or `undefined`. Throws FrameError for a length that is refused. */
  next(): Buffer | undefined {
    if (this.#wanted < 0) {
      if (this.#held < 4) return undefined;
      const length = this.#take(4).readInt32BE(0);
      if (length < 0 || length > this.#maxBytes)
        throw new FrameError(`a frame of ${length} bytes, where ${this.#maxBytes} are the limit`);
      this.#wanted = length;
    }
    if (this.#held < this.#wanted) return undefined;
    const frame = this.#take(this.#wanted);
    this.#wanted = -1;
    return frame;
  }

  #take(length: number): Buffer {
    const first = this.#chunks[0];
    const joined = this.#chunks.length > 1 && (first?.length ?? 0) < length ? Buffer.concat(this.#chunks) : first;
    if (joined === undefined) return Buffer.alloc(0);
    if (joined !== first) this.#chunks = [joined];
    this.#held -= length;
    if (joined.length === length) this.#chunks.shift();
    else this.#chunks[0] = joined.subarray(length);
    return joined.subarray(0, length);
  }
}
