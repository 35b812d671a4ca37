/** Cuts the bytes of a stream into lines, wherever they were cut on the way. */

const NEWLINE = 0x0a;

export class LineReader {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #size = 0;

  /** `maxBytes`: of one line. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a line has begun that is not there as a whole. */
  get isWithin(): boolean {
    return this.#size > 0;
  }

  /** The lines that are whole with `bytes`, without the empty ones. Throws where a line is too long. */
  push(bytes: Uint8Array): readonly string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      this.#add(bytes.subarray(from, end));
      from = end + 1;
      const line = this.#take();
      if (line !== "") lines.push(line);
    }
    this.#add(bytes.subarray(from));
    return lines;
  }

  #add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#size += bytes.length;
    if (this.#size > this.#maxBytes) throw new Error(`a line has more than ${this.#maxBytes} bytes`);
    this.#parts.push(bytes);
  }

  #take(): string {
    const text = Buffer.concat(this.#parts, this.#size).toString("utf8");
    this.#parts = [];
    this.#size = 0;
    return text.trim();
  }
}
