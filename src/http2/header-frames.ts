/** Puts header blocks together, whose fragments may come in several frames (RFC 9113 §6.2, §6.10). */
import { errorCode } from "./error-code.ts";
import { flag, uint31 } from "./frame.ts";

/** The connection that the blocks come on. */
export interface BlockUser {
  /** A whole block; it is borrowed. */
  block(id: number, bytes: Buffer, from: number, to: number, endsStream: boolean): void;
  fail(code: number, why: string): void;
}

/** What no block of an honest peer needs: most fit into one frame. */
const MAX_FRAMES = 16;
const PRIORITY_BYTES = 5;
const FIRST_SIZE = 2048;

export class HeaderFrames {
  /** The stream whose block is not whole yet, or 0: nothing but its rest may come. */
  within = 0;
  #endsStream = false;
  #bytes: Buffer | undefined = undefined;
  #length = 0;
  #frames = 0;
  readonly #user: BlockUser;
  readonly #limit: number;

  /** `limit` is the most bytes that a block may have as it comes. */
  constructor(user: BlockUser, limit: number) {
    this.#user = user;
    this.#limit = limit;
  }

  begin(flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    const isPadded = (flags & flag.padded) !== 0;
    const hasPriority = (flags & flag.priority) !== 0;
    let at = isPadded ? from + 1 : from;
    if (at + (hasPriority ? PRIORITY_BYTES : 0) > to) {
      return this.#user.fail(errorCode.frameSizeError, "HEADERS are too short");
    }
    const end = isPadded ? to - (bytes[from] as number) : to;
    if (hasPriority) {
      if (uint31(bytes, at) === id) return this.#user.fail(errorCode.protocolError, "a stream depends on itself");
      at += PRIORITY_BYTES;
    }
    if (end < at) return this.#user.fail(errorCode.protocolError, "HEADERS have more padding than they are long");
    const endsStream = (flags & flag.endStream) !== 0;
    if ((flags & flag.endHeaders) !== 0) return this.#user.block(id, bytes, at, end, endsStream);
    this.within = id;
    this.#endsStream = endsStream;
    this.#length = 0;
    this.#frames = 0;
    this.#add(bytes, at, end);
  }

  goOn(flags: number, bytes: Buffer, from: number, to: number): void {
    if (!this.#add(bytes, from, to) || (flags & flag.endHeaders) === 0) return;
    const block = this.#bytes;
    const id = this.within;
    this.within = 0;
    this.#bytes = undefined;
    if (block !== undefined) this.#user.block(id, block, 0, this.#length, this.#endsStream);
  }

  /** Copies a fragment. */
  #add(bytes: Buffer, from: number, to: number): boolean {
    const length = this.#length + to - from;
    if (length > this.#limit || ++this.#frames > MAX_FRAMES) {
      this.#user.fail(errorCode.enhanceYourCalm, "a header block is too long, or in too many frames");
      return false;
    }
    const block = this.#room(length);
    bytes.copy(block, this.#length, from, to);
    this.#length = length;
    return true;
  }

  #room(length: number): Buffer {
    const held = this.#bytes;
    if (held !== undefined && held.length >= length) return held;
    const grown = Buffer.allocUnsafe(Math.max(2 * length, FIRST_SIZE));
    held?.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
    return grown;
  }
}
