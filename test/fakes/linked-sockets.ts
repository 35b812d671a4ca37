/** Two sockets without a network: what one writes, the other hears when the test lets it, in pieces of any size. */
import net from "node:net";

export class LinkedSocket extends net.Socket {
  /** What was written and has not been delivered. */
  waiting: Buffer = Buffer.alloc(0);
  wasEnded = false;
  writes = 0;
  /** Bytes that may wait until `write` says "stop"; those that wait are kept by their writer, as the system keeps them. */
  readonly #capacity: number;
  #wasFull = false;

  constructor(capacity = Number.POSITIVE_INFINITY) {
    super();
    this.#capacity = capacity;
    Object.defineProperty(this, "writableLength", { get: () => (this.#wasFull ? this.waiting.length : 0) });
  }

  override write(bytes: Uint8Array | string): boolean {
    this.waiting = Buffer.concat([this.waiting, Buffer.from(bytes as Uint8Array)]);
    this.writes++;
    if (this.waiting.length > this.#capacity) this.#wasFull = true;
    return !this.#wasFull;
  }

  override end(): this {
    this.wasEnded = true;
    return this;
  }

  /** Takes `count` bytes out. */
  takeBytes(count: number): Buffer {
    const taken = Buffer.from(this.waiting.subarray(0, count));
    this.waiting = this.waiting.subarray(count);
    return taken;
  }

  /** Tells the writer that it may go on, if it was told to stop and all was taken. */
  drain(): void {
    if (!this.#wasFull || this.waiting.length > 0) return;
    this.#wasFull = false;
    this.emit("drain");
  }
}
