/** The bytes that an endpoint has sent and that were not used yet. */
import type { Socket } from "node:net";

/** The connection that uses the bytes. */
export interface InputUser {
  /** Returns the position up to which it used `bytes`, which are borrowed. */
  use(bytes: Buffer): number;
  /** Whether what was not used waits for the caller, so that no more shall be read. */
  readonly isStalled: boolean;
}

const NOTHING = Buffer.alloc(0);

export class UpstreamInput {
  /** Part of a head, or a body that nobody takes now. */
  #held: Buffer = NOTHING;
  #isPumping = false;
  #isPaused = false;
  readonly #socket: Socket;
  readonly #user: InputUser;

  constructor(socket: Socket, user: InputUser) {
    this.#socket = socket;
    this.#user = user;
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  clear(): void {
    this.#held = NOTHING;
  }

  /** `bytes` are borrowed until it returns. */
  push(bytes: Buffer): void {
    if (this.#held.length === 0) return this.#pump(bytes, true);
    const all = Buffer.concat([this.#held, bytes]);
    this.#held = NOTHING;
    this.#pump(all, false);
  }

  /** What was held can be used now; nothing happens while bytes are being used anyway. */
  again(): void {
    if (this.#isPumping) return;
    const held = this.#held;
    this.#held = NOTHING;
    this.#pump(held, false);
    if (!this.#isPaused || this.#held.length > 0 || this.#socket.destroyed) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  #pump(bytes: Buffer, isBorrowed: boolean): void {
    this.#isPumping = true;
    const at = this.#user.use(bytes);
    this.#isPumping = false;
    if (at === bytes.length || this.#socket.destroyed) return;
    const rest = bytes.subarray(at);
    this.#held = isBorrowed ? Buffer.from(rest) : rest;
    if (!this.#user.isStalled || this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }
}
