/** Takes the body of one stream out of its DATA, and pushes it into a sink; its window opens as the sink takes it. */
import type { BodySink, BodySource } from "../http/body.ts";
import type { Headers } from "../http/headers.ts";
import { HeldBytes } from "./held-bytes.ts";
import type { Intake, Touched } from "./intake.ts";

/** The stream that a receiver belongs to. */
export interface ReceiveEnd {
  readonly id: number;
  /** All of the body has reached the sink, its end included. */
  received(): void;
}

export class StreamReceiver implements BodySource, Touched {
  /** Bytes that will come, -1 where only the end tells. */
  length = 0;
  started = false;
  /** What the other side may still send. */
  window = 0;
  /** Bytes that have come. */
  moved = 0;
  isTouched = false;
  #sink: BodySink | undefined = undefined;
  #isBlocked = false;
  #isPushing = false;
  /** Nobody will want the body: it is thrown away. */
  #isReleased = false;
  /** The last frame has come. */
  #hasEnded = false;
  #trailers: Headers | undefined = undefined;
  /** Bytes that wait for a sink to take them. */
  readonly #held = new HeldBytes();
  /** Bytes that a sink has, which may still be held by it. */
  #lent = 0;
  /** Bytes that were used, and that the other side was not told of. */
  #used = 0;
  #left = -1;
  #threshold = 1;
  #intake: Intake | undefined = undefined;
  readonly #end: ReceiveEnd;

  constructor(end: ReceiveEnd) {
    this.#end = end;
  }

  /** Whether the body is wanted, and the other side may send it. */
  get isAwaited(): boolean {
    return !this.#hasEnded && this.#sink !== undefined && !this.#isBlocked;
  }

  /** Whether bytes are held for a sink that does not take them. */
  get isStalled(): boolean {
    return this.#isBlocked || this.#held.length > 0;
  }

  /** For a new stream, whose window opens again after `threshold` bytes. */
  reset(intake: Intake, window: number, threshold: number): void {
    this.#intake = intake;
    this.window = window;
    this.moved = 0;
    this.#threshold = threshold;
    this.expect(-1);
    this.#isReleased = false;
    this.#hasEnded = false;
    this.#sink = undefined;
    this.#isBlocked = false;
    this.#held.clear();
    this.#trailers = undefined;
    this.#lent = 0;
    this.#used = 0;
  }

  /** The head says how long the body will be; -1 where it does not. */
  expect(length: number): void {
    this.length = length;
    this.#left = length;
    this.started = false;
  }

  pipe(sink: BodySink): void {
    this.#sink = sink;
    this.#isBlocked = false;
    this.#pushHeld();
    this.#settleLater();
  }

  drained(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.#returnLent();
    this.#pushHeld();
    this.#settleLater();
  }

  /** Counts what a frame brings. False: it is more than its window, or than the head said. */
  took(length: number): boolean {
    this.window -= length;
    return this.window >= 0;
  }

  /** Padding, which nobody gets. */
  skip(length: number): void {
    this.#giveBack(length);
  }

  /** `bytes` are borrowed. False: the body is longer than its head said. */
  content(bytes: Buffer, from: number, to: number): boolean {
    const length = to - from;
    if (length === 0) return true;
    this.moved += length;
    if (this.#left >= 0) {
      this.#left -= length;
      if (this.#left < 0) return this.#refuse(length);
    }
    if (this.#isReleased) this.#intake?.used(length);
    else if (this.#sink === undefined || this.isStalled) this.#held.add(bytes, from, to);
    else {
      this.#push(this.#sink, bytes, from, to);
      this.#settleLater();
    }
    return true;
  }

  /** The last frame has come. False: the body is shorter than its head said. */
  end(trailers: Headers | undefined): boolean {
    this.#hasEnded = true;
    if (this.#left > 0) return false;
    this.#trailers = trailers;
    if (!this.#isPushing) this.#pushHeld();
    return true;
  }

  rewind(): void {
    this.#sink = undefined;
    this.#isBlocked = false;
  }

  /** Lets the sink go, which hears nothing more; what comes is thrown away. */
  release(): BodySink | undefined {
    const sink = this.#sink;
    const length = this.#lent + this.#held.length;
    this.#sink = undefined;
    this.#held.clear();
    this.#isReleased = true;
    this.#lent = 0;
    if (length > 0) this.#intake?.used(length);
    return sink;
  }

  settle(): void {
    if (!this.#hasEnded) this.#sink?.flush();
  }

  #settleLater(): void {
    if (this.#sink === undefined || this.#isPushing) return;
    if (this.#intake?.isReading === true) this.#intake.touch(this);
    else this.settle();
  }

  /** Delivers what waits, and the end. */
  #pushHeld(): void {
    const sink = this.#sink;
    if (sink === undefined || this.#isBlocked) return;
    const held = this.#held.take();
    if (held !== undefined) this.#push(sink, held, 0, held.length);
    if (!this.#hasEnded || this.isStalled || this.#sink !== sink) return;
    this.#sink = undefined;
    sink.end(this.#trailers);
    this.#end.received();
  }

  #push(sink: BodySink, bytes: Buffer, from: number, to: number): void {
    this.started = true;
    this.#lent += to - from;
    this.#isPushing = true;
    const takes = sink.chunk(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
    this.#isPushing = false;
    if (!takes && this.#sink === sink) this.#isBlocked = true;
    else this.#returnLent();
  }

  /** The sink has taken all that it was lent. */
  #returnLent(): void {
    const lent = this.#lent;
    if (lent === 0) return;
    this.#lent = 0;
    this.#giveBack(lent);
  }

  /** The other side may send as much again. */
  #giveBack(length: number): void {
    this.#intake?.used(length);
    this.#used += length;
    if (this.#used < this.#threshold || this.#hasEnded || this.#isReleased) return;
    this.window += this.#used;
    this.#intake?.writer.windowUpdate(this.#end.id, this.#used);
    this.#used = 0;
  }

  #refuse(length: number): false {
    this.#intake?.used(length);
    return false;
  }
}
