/** The trace context of Linkerd 1, as it travels in `l5d-ctx-trace`: adopted, or made, and continued by a child. */
import type { Random } from "../base/time.ts";

const SPAN = 0;
const PARENT = 8;
const TRACE = 16;
const FLAGS_LOW = 28;
const SHORT = 32;
const LONG = 40;
const SAMPLING_KNOWN = 2;
const SAMPLED = 4;
const WORD = 2 ** 32;

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

  #draw(at: number): void {
    this.#bytes.writeUInt32BE((this.#random.next() * WORD) >>> 0, at);
    this.#bytes.writeUInt32BE((this.#random.next() * WORD) >>> 0, at + 4);
  }
}
