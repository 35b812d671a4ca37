/** The bytes that a caller has sent and that were not used yet. */
import type { Socket } from "node:net";

/** Past it a caller that sends ahead is not read. */
const HELD_BYTES = 16 * 1024;

const HEAD = Buffer.from("HEAD ");

const NOTHING = Buffer.alloc(0);

export class DownstreamInput {
  bytes: Buffer = NOTHING;
  /** Where in `bytes` the unused ones begin. */
  at = 0;
  #paused = false;
  #borrowed = false;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.at >= this.bytes.length;
  }

  get length(): number {
    return this.bytes.length - this.at;
  }

  /** Whether the unused ones begin as a request for a head alone does. */
  get asksForHead(): boolean {
    return this.length >= HEAD.length && this.bytes.compare(HEAD, 0, HEAD.length, this.at, this.at + HEAD.length) === 0;
  }

  /** The unused ones, for somebody else. */
  copy(): Buffer {
    return Buffer.from(this.bytes.subarray(this.at));
  }

  /** `bytes` are borrowed until `settle`. */
  push(bytes: Buffer): void {
    this.#borrowed = this.isEmpty;
    this.bytes = this.isEmpty ? bytes : Buffer.concat([this.bytes.subarray(this.at), bytes]);
    this.at = 0;
  }

  clear(): void {
    this.bytes = NOTHING;
    this.at = 0;
  }

  /** Keeps what is left. Reads on, or waits until what is held is used: it is bounded either way. */
  settle(): void {
    if (this.#socket.destroyed) return;
    if (this.isEmpty && this.bytes.length > 0) this.clear();
    if (this.#borrowed && !this.isEmpty) this.#keep();
    if (this.length > HELD_BYTES) {
      if (!this.#paused) this.#socket.pause();
      this.#paused = true;
    } else if (this.#paused) {
      this.#paused = false;
      this.#socket.resume();
    }
  }

  #keep(): void {
    this.bytes = Buffer.from(this.bytes.subarray(this.at));
    this.at = 0;
    this.#borrowed = false;
  }
}
