/** What a connection takes of all its streams' bodies together, and who of them must be told that no more is at hand. */
import type { FrameWriter } from "./frame-writer.ts";
import { INITIAL_WINDOW } from "./frame.ts";

/** Whose sink is to be told: the receiver of a stream. */
export interface Touched {
  isTouched: boolean;
  /** No more is at hand. */
  settle(): void;
}

export class Intake {
  /** Whether bytes of the connection are being looked at: more may be at hand. */
  isReading = false;
  readonly writer: FrameWriter;
  /** What the other side may still send. */
  #window = INITIAL_WINDOW;
  /** Bytes that were used, and that the other side was not told of. */
  #used = 0;
  readonly #threshold: number;
  readonly #touched: Touched[] = [];

  constructor(writer: FrameWriter, window: number, ratio: number) {
    this.writer = writer;
    this.#threshold = Math.max(1, Math.floor(window * ratio));
  }

  /** Opens the window beyond what it starts with. */
  open(window: number): void {
    const more = window - this.#window;
    if (more <= 0) return;
    this.#window = window;
    this.writer.windowUpdate(0, more);
  }

  /** `length` bytes have come. False: the other side was not allowed to send them. */
  took(length: number): boolean {
    this.#window -= length;
    return this.#window >= 0;
  }

  /** Their memory is free again. */
  used(length: number): void {
    this.#used += length;
    if (this.#used < this.#threshold) return;
    this.#window += this.#used;
    this.writer.windowUpdate(0, this.#used);
    this.#used = 0;
  }

  /** Has `receiver` settle when everything at hand was looked at. */
  touch(receiver: Touched): void {
    if (receiver.isTouched) return;
    receiver.isTouched = true;
    this.#touched.push(receiver);
  }

  settle(): void {
    const touched = this.#touched;
    for (let at = 0; at < touched.length; at++) {
      const receiver = touched[at] as Touched;
      receiver.isTouched = false;
      receiver.settle();
    }
    touched.length = 0;
  }
}
