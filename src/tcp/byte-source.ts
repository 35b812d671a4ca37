/** What one side of a connection sends, as a body: bounded while nobody takes it, and read no faster than it is taken. */
import type { Socket } from "node:net";
import type { BodySink, BodySource } from "../http/body.ts";

/** Past it a side that sends ahead is not read. */
const HELD_BYTES = 16 * 1024;

export class ByteSource implements BodySource {
  readonly length = -1;
  started = false;
  /** The end was delivered. */
  hasEnded = false;
  #sink: BodySink | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isPaused = false;
  /** The sink said "stop". */
  #isStopped = false;
  #isOver = false;
  readonly #socket: Socket;
  readonly #delivered: () => void;

  /** `delivered` is called when the end was delivered. */
  constructor(socket: Socket, delivered: () => void) {
    this.#socket = socket;
    this.#delivered = delivered;
  }

  /** The side has closed its half. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether there is something to deliver, if only the end. */
  get hasSome(): boolean {
    return this.#heldBytes > 0 || this.#isOver;
  }

  pipe(sink: BodySink): void {
    this.started = true;
    this.#sink = sink;
    this.#deliver();
  }

  drained(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#deliver();
  }

  /** `bytes` are borrowed until it returns. */
  push(bytes: Buffer): void {
    if (this.#sink === undefined || this.#isStopped) this.#hold(bytes);
    else {
      this.#isStopped = !this.#sink.chunk(bytes);
      if (!this.#isStopped) this.#sink?.flush();
    }
    this.#settle();
  }

  /** The side has closed its half. */
  end(): void {
    this.#isOver = true;
    if (!this.#isStopped) this.#deliver();
  }

  /** Delivers no more. Returns the sink that still waits for the end. */
  release(): BodySink | undefined {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#held = [];
    this.#heldBytes = 0;
    return sink;
  }

  #deliver(): void {
    while (this.#sink !== undefined && this.#held.length > 0 && !this.#isStopped) {
      const bytes = this.#held.shift() as Buffer;
      this.#heldBytes -= bytes.length;
      this.#isStopped = !this.#sink.chunk(bytes);
    }
    if (this.#isOver && this.#held.length === 0 && !this.hasEnded && this.#sink !== undefined) {
      this.hasEnded = true;
      this.release()?.end();
      this.#delivered();
    } else if (!this.#isStopped) this.#sink?.flush();
    this.#settle();
  }

  #hold(bytes: Buffer): void {
    this.#held.push(Buffer.from(bytes));
    this.#heldBytes += bytes.length;
  }

  #settle(): void {
    if (this.#socket.destroyed) return;
    const isFull = this.#isStopped || this.#heldBytes >= HELD_BYTES;
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.#socket.pause();
    else this.#socket.resume();
  }
}
