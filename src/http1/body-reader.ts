/** Takes the body of an HTTP/1 message out of the bytes of a connection, and pushes it into a sink. */
import type { BodySink, BodySource } from "../http/body.ts";
import type { Headers } from "../http/headers.ts";
import { ChunkDecoder } from "./chunk-decoder.ts";
import type { Flaw } from "./flaw.ts";
import { CHUNKED, UNSAID } from "./framing.ts";
import type { HeadLimits } from "./limits.ts";

/** The connection that a reader belongs to. */
export interface BodyFeeder {
  /** The reader can take bytes (again): feed it what is here, and then what comes. */
  wanted(): void;
}

/** Whoever keeps the trailers of a body. */
export interface Trailed {
  trailers: Headers | undefined;
}

/** One a connection, opened anew for each body. */
export class BodyReader implements BodySource {
  started = false;
  /** The whole body was delivered. */
  done = true;
  flaw: Flaw | undefined = undefined;
  #framing = 0;
  #left = 0;
  #sink: BodySink | undefined = undefined;
  #blocked = false;
  #keeper: Trailed | undefined = undefined;
  readonly #chunks: ChunkDecoder;
  readonly #feeder: BodyFeeder;

  constructor(feeder: BodyFeeder, limits: HeadLimits) {
    this.#feeder = feeder;
    this.#chunks = new ChunkDecoder(limits);
  }

  get length(): number {
    return this.#framing >= 0 ? this.#framing : -1;
  }

  /** Whether there is a sink that can take bytes. */
  get isFlowing(): boolean {
    return this.#sink !== undefined && !this.#blocked;
  }

  /**
   * `framing` is a length, CHUNKED, or UNSAID for a body that ends with its connection. `keeper` gets the trailers before
   * the sink hears of the end.
   */
  open(framing: number, keeper?: Trailed): void {
    this.#keeper = keeper;
    this.started = false;
    this.done = framing === 0;
    this.flaw = undefined;
    this.#framing = framing;
    this.#left = Math.max(framing, 0);
    this.#sink = undefined;
    this.#blocked = false;
    if (framing === CHUNKED) this.#chunks.reset();
  }

  pipe(sink: BodySink): void {
    this.#sink = sink;
    this.#blocked = false;
    if (this.done) sink.end();
    else this.#feeder.wanted();
  }

  drained(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#feeder.wanted();
  }

  /**
   * Delivers what the sink takes of `bytes` between `from` and `to`, and returns the position it came to. Afterwards
   * `done` or `flaw` may be set; the sink has heard of the end, not of the flaw.
   */
  feed(bytes: Uint8Array, from: number, to: number): number {
    const sink = this.#sink;
    if (sink === undefined || this.#blocked || this.done) return from;
    const at =
      this.#framing === CHUNKED ? this.#feedChunks(sink, bytes, from, to) : this.#feedPlain(sink, bytes, from, to);
    if (this.done) {
      this.#sink = undefined;
      const trailers = this.#framing === CHUNKED ? this.#chunks.trailers : undefined;
      if (this.#keeper !== undefined) this.#keeper.trailers = trailers;
      sink.end(trailers);
    } else if (this.#sink === sink) sink.flush();
    return at;
  }

  /** There is nothing more at hand: what the sink has gathered must leave. */
  settle(): void {
    this.#sink?.flush();
  }

  /** The connection was closed by its other side. False: that was not the end of the body. */
  closed(): boolean {
    if (this.done) return true;
    if (this.#framing !== UNSAID) return false;
    this.done = true;
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.end();
    return true;
  }

  rewind(): void {
    this.#sink = undefined;
    this.#blocked = false;
  }

  /** Lets the sink go, which hears nothing more; who calls this has told it. */
  release(): BodySink | undefined {
    const sink = this.#sink;
    this.#sink = undefined;
    return sink;
  }

  #feedPlain(sink: BodySink, bytes: Uint8Array, from: number, to: number): number {
    const count = this.#framing === UNSAID ? to - from : Math.min(this.#left, to - from);
    if (count === 0) return from;
    if (this.#framing !== UNSAID) {
      this.#left -= count;
      this.done = this.#left === 0;
    }
    this.#push(sink, bytes, from, from + count);
    return from + count;
  }

  #feedChunks(sink: BodySink, bytes: Uint8Array, from: number, to: number): number {
    const chunks = this.#chunks;
    let at = from;
    while (at < to && this.#sink === sink && !this.#blocked) {
      if (chunks.inData) {
        const count = Math.min(chunks.left, to - at);
        chunks.took(count);
        this.#push(sink, bytes, at, at + count);
        at += count;
        continue;
      }
      const came = chunks.scan(bytes, at, to);
      if (typeof came === "string") {
        this.flaw = came;
        return at;
      }
      at = came;
      if (chunks.ended) {
        this.done = true;
        return at;
      }
    }
    return at;
  }

  #push(sink: BodySink, bytes: Uint8Array, from: number, to: number): void {
    this.started = true;
    if (!sink.chunk(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to))) this.#blocked = true;
  }
}
