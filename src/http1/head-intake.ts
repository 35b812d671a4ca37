/** Takes the head of a request out of a connection's input, however small the pieces are in which it comes. */
import { CR } from "../http/grammar.ts";
import type { DownstreamInput } from "./downstream-input.ts";
import type { Flaw } from "./flaw.ts";
import type { HeadLimits } from "./limits.ts";
import { PartialHead } from "./partial-head.ts";
import type { RequestHeadReader } from "./request-head.ts";

/** One a connection. */
export class HeadIntake {
  /** Monotonic ms of the first byte of the head that is being read, or -1. */
  startedAt = -1;
  readonly #partial = new PartialHead();
  readonly #head: RequestHeadReader;
  readonly #limits: HeadLimits;

  constructor(head: RequestHeadReader, limits: HeadLimits) {
    this.#head = head;
    this.#limits = limits;
  }

  /** The next byte is the first of another request. */
  reset(): void {
    this.startedAt = -1;
    this.#partial.reset();
  }

  /** Whether a whole head was read, and `input` stands behind it; or what is wrong with what is here. */
  take(input: DownstreamInput): boolean | Flaw {
    if (input.bytes[input.at] === CR && this.#partial.isEmptyLine(input.bytes, input.at)) input.at += 2;
    const { bytes, at } = input;
    if (input.isEmpty) return false;
    const end = this.#partial.end(bytes, at);
    if (end < 0) return this.#partial.check(bytes, at, this.#limits) ?? false;
    const flaw = this.#head.read(bytes, at, end);
    if (flaw) return flaw;
    input.at = end + 4;
    return true;
  }
}
