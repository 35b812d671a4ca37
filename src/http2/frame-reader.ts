/** Takes frames out of the bytes of a connection, in place where they are whole. */
import { errorCode } from "./error-code.ts";
import { flag, FRAME_HEAD_BYTES, frameType, uint31 } from "./frame.ts";

/** The connection that a reader reads for. `bytes` are borrowed until the call returns. */
export interface FrameUser {
  /** A whole frame, but none of DATA; what it carries stands between `from` and `to`. */
  frame(type: number, flags: number, id: number, bytes: Buffer, from: number, to: number): void;
  /** A DATA frame begins, whose `length` with all padding counts against the windows. */
  data(id: number, length: number, padding: number): void;
  /** Some of what the DATA frame carries. */
  content(bytes: Buffer, from: number, to: number): void;
  /** The DATA frame is through; `isLast` tells that of its stream. */
  dataEnd(isLast: boolean): void;
  /** The bytes are no frames; nothing more of them is read. */
  broken(code: number, why: string): void;
}

/** What of a frame that is taken whole may be held. Longer ones have no meaning that would be served here. */
const MAX_HELD = 80 * 1024;

const LAST_KNOWN_TYPE = frameType.continuation;

/** "head": of a frame. "held": the rest of a frame. "pad": how much of DATA is padding. "skip": what nobody reads. */
type State = "head" | "held" | "pad" | "content" | "skip" | "stopped";

export class FrameReader {
  /** Frames that have begun. */
  frames = 0;
  #state: State = "head";
  readonly #head = Buffer.alloc(FRAME_HEAD_BYTES);
  #headLength = 0;
  #type = 0;
  #flags = 0;
  #id = 0;
  /** Bytes of the frame that are still to come; of DATA without the padding. */
  #left = 0;
  #padding = 0;
  #held: Buffer | undefined = undefined;
  readonly #user: FrameUser;
  readonly #maxFrameBytes: number;

  constructor(user: FrameUser, maxFrameBytes: number) {
    this.#user = user;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Whether part of a frame is here, and the rest is to come; DATA is looked at by its stream. */
  get isWithin(): boolean {
    return this.#headLength > 0 || this.#state === "held" || this.#state === "pad";
  }

  /** Reads no more: the connection is at its end. */
  stop(): void {
    this.#state = "stopped";
    this.#held = undefined;
  }

  /** `bytes` are borrowed until it returns, and are all used by then. */
  read(bytes: Buffer, from = 0): void {
    let at = from;
    const end = bytes.length;
    while (at < end) {
      if (this.#state === "head") at = this.#readHead(bytes, at, end);
      else if (this.#state === "content") at = this.#readContent(bytes, at, end);
      else if (this.#state === "held") at = this.#readHeld(bytes, at, end);
      else if (this.#state === "pad") at = this.#readPad(bytes, at);
      else if (this.#state === "skip") at = this.#readSkipped(at, end);
      else return;
    }
  }

  #readHead(bytes: Buffer, at: number, end: number): number {
    if (this.#headLength === 0 && end - at >= FRAME_HEAD_BYTES) {
      return this.#begin(bytes, at, bytes, at + FRAME_HEAD_BYTES, end);
    }
    const count = Math.min(FRAME_HEAD_BYTES - this.#headLength, end - at);
    bytes.copy(this.#head, this.#headLength, at, at + count);
    this.#headLength += count;
    if (this.#headLength < FRAME_HEAD_BYTES) return end;
    this.#headLength = 0;
    return this.#begin(this.#head, 0, bytes, at + count, end);
  }

  /** The head of a frame is at `headAt` of `head`; what follows it, at `at` of `bytes`. */
  #begin(head: Buffer, headAt: number, bytes: Buffer, at: number, end: number): number {
    const length =
      ((head[headAt] as number) << 16) | ((head[headAt + 1] as number) << 8) | (head[headAt + 2] as number);
    const type = head[headAt + 3] as number;
    const flags = head[headAt + 4] as number;
    const id = uint31(head, headAt + 5);
    if (length > this.#maxFrameBytes) {
      this.#broken(errorCode.frameSizeError, "a frame is longer than was agreed");
      return end;
    }
    this.frames++;
    this.#type = type;
    this.#flags = flags;
    this.#id = id;
    this.#left = length;
    if (type === frameType.data) return this.#beginData(at, length);
    if (end - at >= length) {
      this.#user.frame(type, flags, id, bytes, at, at + length);
      return at + length;
    }
    return this.#beginHeld(at, length);
  }

  #beginHeld(at: number, length: number): number {
    if (this.#type > LAST_KNOWN_TYPE) {
      this.#user.frame(this.#type, this.#flags, this.#id, this.#head, 0, 0);
      if (!this.#isStopped) this.#state = "skip";
    } else if (length > MAX_HELD) this.#broken(errorCode.enhanceYourCalm, "a frame is longer than any that is served");
    else {
      this.#state = "held";
      this.#held = Buffer.allocUnsafe(length);
    }
    return at;
  }

  #beginData(at: number, length: number): number {
    if ((this.#flags & flag.padded) !== 0) {
      if (length === 0) this.#broken(errorCode.frameSizeError, "padded DATA has no length of its padding");
      else this.#state = "pad";
      return at;
    }
    this.#padding = 0;
    this.#user.data(this.#id, length, 0);
    this.#startContent();
    return at;
  }

  #readPad(bytes: Buffer, at: number): number {
    const padding = bytes[at] as number;
    if (padding >= this.#left) {
      this.#broken(errorCode.protocolError, "DATA has more padding than it is long");
      return at;
    }
    this.#user.data(this.#id, this.#left, padding + 1);
    this.#padding = padding;
    this.#left -= padding + 1;
    this.#startContent();
    return at + 1;
  }

  #startContent(): void {
    if (this.#isStopped) return;
    this.#state = "content";
    if (this.#left === 0) this.#endContent();
  }

  #readContent(bytes: Buffer, at: number, end: number): number {
    const to = Math.min(end, at + this.#left);
    this.#left -= to - at;
    this.#user.content(bytes, at, to);
    if (this.#left === 0 && !this.#isStopped) this.#endContent();
    return to;
  }

  #endContent(): void {
    if (this.#padding > 0) {
      this.#state = "skip";
      this.#left = this.#padding;
    } else this.#endData();
  }

  #endData(): void {
    this.#state = "head";
    this.#user.dataEnd((this.#flags & flag.endStream) !== 0);
  }

  #readSkipped(at: number, end: number): number {
    const count = Math.min(this.#left, end - at);
    this.#left -= count;
    if (this.#left > 0) return at + count;
    if (this.#type === frameType.data) this.#endData();
    else this.#state = "head";
    return at + count;
  }

  #readHeld(bytes: Buffer, at: number, end: number): number {
    const held = this.#held as Buffer;
    const to = Math.min(end, at + this.#left);
    bytes.copy(held, held.length - this.#left, at, to);
    this.#left -= to - at;
    if (this.#left > 0) return to;
    this.#held = undefined;
    this.#state = "head";
    this.#user.frame(this.#type, this.#flags, this.#id, held, 0, held.length);
    return to;
  }

  get #isStopped(): boolean {
    return this.#state === "stopped";
  }

  #broken(code: number, why: string): void {
    this.stop();
    this.#user.broken(code, why);
  }
}
