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
    headers.appendLine(requestId.line(this.#writer.requestId));
    headers.appendLine(traceContext.line(this.#writer.header));
  }
}

/** Works in one buffer of its own: call `next`, then read the texts. */
export class TraceWriter {
  readonly #random: Random;
  readonly #bytes = Buffer.alloc(LONG);
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
      bytes.fill(0, FLAGS_LOW - 4, SHORT);
      this.#draw(TRACE);
    }
    // This hop's own span, and below it the one of the request that goes on.
    this.#draw(SPAN);
    bytes.copyWithin(PARENT, SPAN, PARENT);
    this.#draw(SPAN);
  }

  /** Decides whether the trace is kept, whatever came in. `rate` is a share from 0 to 1. */
  sample(rate: number): void {
    const id = this.#bytes.readBigInt64BE(TRACE);
    const positive = Number((id < 0n ? -id : id) % 10_000n);
    const flags = this.#bytes.readUInt32BE(FLAGS_LOW) | SAMPLING_KNOWN;
    const decided = positive < rate * 10_000 ? flags | SAMPLED : flags & ~SAMPLED;
    this.#bytes.writeUInt32BE(decided >>> 0, FLAGS_LOW);
  }

  /** What goes into `l5d-ctx-trace`. */
  get header(): string {
    return this.#bytes.toString("base64", 0, this.#length);
  }

  /** The id of the whole trace, what goes into `l5d-reqid`. */
  get requestId(): string {
    return this.#bytes.toString("hex", TRACE, TRACE + 8);
  }

  get high(): number {
    return this.#bytes.readUInt32BE(TRACE);
  }

  get low(): number {
    return this.#bytes.readUInt32BE(TRACE + 4);
  }

  #draw(at: number): void {
    this.#bytes.writeUInt32BE((this.#random.next() * WORD) >>> 0, at);
    this.#bytes.writeUInt32BE((this.#random.next() * WORD) >>> 0, at + 4);
  }
}
