/** Whose turn it is to send on a connection: its window, and the streams that wait for it in a ring. */
import type { FloodGuard } from "./flood-guard.ts";
import { INITIAL_WINDOW } from "./frame.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { Output } from "./output.ts";

/** Who stands in the line: the sender of a stream. */
export interface Queued {
  isQueued: boolean;
  before: Queued | undefined;
  after: Queued | undefined;
  /** Whether it needs no window to go on. */
  readonly wantsNoWindow: boolean;
  /** It is this one's turn, and it stands in the line no more. */
  step(): void;
}

/** Each stream sends one frame, then the next one does: a large body starves nobody. */
export class SendGate {
  /** What the other side takes of all streams together. */
  window = INITIAL_WINDOW;
  readonly writer: FrameWriter;
  readonly #out: Output;
  readonly #guard: FloodGuard;
  #first: Queued | undefined = undefined;
  #last: Queued | undefined = undefined;
  #isPumping = false;

  constructor(writer: FrameWriter, out: Output, guard: FloodGuard) {
    this.writer = writer;
    this.#out = out;
    this.#guard = guard;
  }

  /** The other side does not read. */
  get isBlocked(): boolean {
    return this.#out.isBlocked;
  }

  /** Nobody stands in the line of who would send now. */
  get isFree(): boolean {
    return this.#first === undefined && this.window > 0 && !this.#out.isBlocked;
  }

  /** Positions that were returned under another number mean nothing. */
  get writes(): number {
    return this.#out.writes;
  }

  /** A frame of `length` bytes was written. */
  took(length: number): void {
    this.window -= length;
    this.#guard.frameMoved();
  }

  /** Puts `sender` at the end of the line, unless it stands in it. */
  add(sender: Queued): void {
    if (sender.isQueued) return;
    sender.isQueued = true;
    sender.before = this.#last;
    sender.after = undefined;
    if (this.#last === undefined) this.#first = sender;
    else this.#last.after = sender;
    this.#last = sender;
  }

  remove(sender: Queued): void {
    if (!sender.isQueued) return;
    const { before, after } = sender;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    sender.isQueued = false;
    sender.before = undefined;
    sender.after = undefined;
  }

  /** Lets those in the line send while they may. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#first !== undefined && !this.#out.isBlocked && (this.window > 0 || this.#first.wantsNoWindow)) {
        const sender: Queued = this.#first;
        this.remove(sender);
        sender.step();
      }
    } finally {
      this.#isPumping = false;
    }
  }
}
