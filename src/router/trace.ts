/** The trace context of Linkerd 1, as it travels in `l5d-ctx-trace`: adopted, or made, and continued by a child. */
import type { Random } from "../base/time.ts";
import type { Exchange } from "../http/exchange.ts";
import { PlainField } from "../http/field-line.ts";
import { type ContextFields, CTX_TRACE } from "./filters/context-fields.ts";

const SPAN = 0;
const PARENT = 8;
const TRACE = 16;
const FLAGS_LOW = 28;
const SHORT = 32;
const LONG = 40;
const SAMPLING_KNOWN = 2;
const SAMPLED = 4;
const WORD = 2 ** 32;

/** How a trace comes and goes on in the headers of requests. For one request at a time: `next` first. */
export interface TracePropagator {
  /** Takes a hop below what came, or below a new root. `context` is there where the caller's context is honoured. */
  next(x: Exchange, context: ContextFields | undefined): void;
  /** Decides whether the trace is kept, whatever came in. `rate` is a share from 0 to 1. */
  sample(rate: number): void;
  /** Writes what goes on. */
  write(x: Exchange): void;
  /** The last 64 bits of the trace's id, in two words. */
  readonly high: number;
  readonly low: number;
}

const requestId = new PlainField("l5d-reqid");
const traceContext = new PlainField(CTX_TRACE);

/** Linkerd 1's own propagation. */
export class ContextTrace implements TracePropagator {
  readonly #writer: TraceWriter;

  constructor(random: Random) {
    this.#writer = new TraceWriter(random);
  }

  next(x: Exchange, context: ContextFields | undefined): void {
    if (context?.trace !== undefined) x.request.headers.remove(CTX_TRACE);
    this.#writer.next(context?.trace);
  }

  sample(rate: number): void {
    this.#writer.sample(rate);
  }

  get high(): number {
    return this.#writer.high;
  }

  get low(): number {
    return this.#writer.low;
  }

  write(x: Exchange): void {
    const { headers } = x.request;
    const { texts } = this.#writer;
    headers.appendLine(requestId.line(texts.slice(0, ID_LETTERS)));
    headers.appendLine(traceContext.line(texts.slice(ID_LETTERS)));
  }
}

const HEX = Buffer.from("0123456789abcdef");
const BASE64 = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const EQUALS = 61;
/** Of the id of a trace, in hex. */
const ID_LETTERS = 16;

/**
 * Works in buffers of its own: call `next`, then read the texts. Its few bytes are written one by one, which takes less
 * time than the calls out of compiled code that would do it.
 */
export class TraceWriter {
  readonly #random: Random;
  readonly #bytes = Buffer.alloc(LONG);
  readonly #letters = Buffer.alloc(ID_LETTERS + Math.ceil(LONG / 3) * 4);
  #length = SHORT;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Takes a hop below what came in `header`, or below a new root. What is not of the form counts as absent. */
  next(header: string | undefined): void {
    const bytes = this.#bytes;
    const came = header === undefined ? undefined : Buffer.from(header, "base64");
    if (came !== undefined && (came.length === SHORT || came.length === LONG)) {
      came.copy(bytes);
      this.#length = came.length;
    } else {
      this.#length = SHORT;
      this.#put(FLAGS_LOW - 4, 0);
      this.#put(FLAGS_LOW, 0);
      this.#draw(TRACE);
    }
    // This hop's own span, and below it the one of the request that goes on.
    this.#draw(PARENT);
    this.#draw(SPAN);
  }

  /** Decides whether the trace is kept, whatever came in. `rate` is a share from 0 to 1. */
  sample(rate: number): void {
    const id = this.#bytes.readBigInt64BE(TRACE);
    const positive = Number((id < 0n ? -id : id) % 10_000n);
    const flags = this.#word(FLAGS_LOW) | SAMPLING_KNOWN;
    this.#put(FLAGS_LOW, positive < rate * 10_000 ? flags | SAMPLED : flags & ~SAMPLED);
  }

  /** The id of the whole trace, what goes into `l5d-reqid`, and behind it what goes into `l5d-ctx-trace`. */
  get texts(): string {
    return this.#letters.toString("latin1", 0, this.#writeBase64(this.#writeId()));
  }

  /** What goes into `l5d-ctx-trace`. */
  get header(): string {
    return this.texts.slice(ID_LETTERS);
  }

  /** What goes into `l5d-reqid`. */
  get requestId(): string {
    return this.texts.slice(0, ID_LETTERS);
  }

  get high(): number {
    return this.#word(TRACE);
  }

  get low(): number {
    return this.#word(TRACE + 4);
  }

  #draw(at: number): void {
    this.#put(at, this.#random.next() * WORD);
    this.#put(at + 4, this.#random.next() * WORD);
  }

  #put(at: number, word: number): void {
    const bytes = this.#bytes;
    bytes[at] = word >>> 24;
    bytes[at + 1] = word >>> 16;
    bytes[at + 2] = word >>> 8;
    bytes[at + 3] = word >>> 0;
  }

  #word(at: number): number {
    const bytes = this.#bytes;
    const high = ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16);
    return (high | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0;
  }

  /** Returns the position behind it. */
  #writeId(): number {
    const letters = this.#letters;
    for (let at = 0; at < ID_LETTERS / 2; at++) {
      const byte = this.#bytes[TRACE + at] as number;
      letters[2 * at] = HEX[byte >>> 4] as number;
      letters[2 * at + 1] = HEX[byte & 15] as number;
    }
    return ID_LETTERS;
  }

  /** Returns the position behind it. */
  #writeBase64(to: number): number {
    const letters = this.#letters;
    const bytes = this.#bytes;
    const length = this.#length;
    let out = to;
    for (let at = 0; at < length; at += 3) {
      // What is beyond the end counts as 0, and what would stand for it is written over.
      const second = at + 1 < length ? (bytes[at + 1] as number) : 0;
      const third = at + 2 < length ? (bytes[at + 2] as number) : 0;
      const three = ((bytes[at] as number) << 16) | (second << 8) | third;
      letters[out++] = BASE64[three >>> 18] as number;
      letters[out++] = BASE64[(three >>> 12) & 63] as number;
      letters[out++] = BASE64[(three >>> 6) & 63] as number;
      letters[out++] = BASE64[three & 63] as number;
    }
    for (let pad = (3 - (length % 3)) % 3; pad > 0; pad--) letters[out - pad] = EQUALS;
    return out;
  }
}
