/** The framing of a chunked body, byte by byte and strictly (RFC 9112 §7.1); extensions are bounded and forgotten. */
import { CR, LF, VALUE } from "../http/grammar.ts";
import { HeaderList } from "../http/header-list.ts";
import type { Headers } from "../http/headers.ts";
import { isTrailerName } from "../http/trailers.ts";
import { readFields } from "./field-section.ts";
import type { Flaw } from "./flaw.ts";
import { HeadBlock } from "./head-block.ts";
import type { HeadLimits } from "./limits.ts";

/** Past it a size is not exact as a double. */
const MAX_SIZE_DIGITS = 13;
/** Of all extensions of a body together. */
const MAX_EXTENSION_BYTES = 16 * 1024;

type State = "size" | "extension" | "sizeEnd" | "data" | "dataCr" | "dataLf" | "trailers" | "end";

export class ChunkDecoder {
  /** Bytes of the present chunk that are still to come. */
  left = 0;
  trailers: Headers | undefined = undefined;
  #state: State = "size";
  #digits = 0;
  #extensions = 0;
  #trailerBytes: number[] = [];
  readonly #limits: HeadLimits;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  get ended(): boolean {
    return this.#state === "end";
  }

  /** Whether data of a chunk comes next. */
  get inData(): boolean {
    return this.#state === "data";
  }

  reset(): void {
    this.left = 0;
    this.trailers = undefined;
    this.#state = "size";
    this.#digits = 0;
    this.#extensions = 0;
    this.#trailerBytes = [];
  }

  /** `count` bytes of data were taken by the caller. */
  took(count: number): void {
    this.left -= count;
    if (this.left === 0) this.#state = "dataCr";
  }

  /**
   * Reads framing from `from` on until data follows, the body ends, or `to`. Returns the position it came to, or
   * the flaw that it met.
   */
  scan(bytes: Uint8Array, from: number, to: number): number | Flaw {
    for (let at = from; at < to; at++) {
      if (this.#state === "data" || this.#state === "end") return at;
      const flaw = this.#step(bytes[at] as number);
      if (flaw) return flaw;
    }
    return to;
  }

  #step(byte: number): Flaw | undefined {
    switch (this.#state) {
      case "size":
        return this.#size(byte);
      case "extension":
        if (byte === CR) this.#state = "sizeEnd";
        else if (VALUE[byte] === 0 || ++this.#extensions > MAX_EXTENSION_BYTES) return "chunk.extension";
        return undefined;
      case "sizeEnd":
        if (byte !== LF) return "chunk.ending";
        this.#state = this.left > 0 ? "data" : "trailers";
        this.#digits = 0;
        return undefined;
      case "dataCr":
        this.#state = "dataLf";
        return byte === CR ? undefined : "chunk.ending";
      case "dataLf":
        this.#state = "size";
        return byte === LF ? undefined : "chunk.ending";
      default:
        return this.#trailer(byte);
    }
  }

  #size(byte: number): Flaw | undefined {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.left = this.left * 16 + digit;
      return ++this.#digits > MAX_SIZE_DIGITS ? "chunk.size" : undefined;
    }
    if (this.#digits === 0) return "chunk.size";
    if (byte === CR) this.#state = "sizeEnd";
    else if (byte === 59) this.#state = "extension";
    else return byte === LF ? "chunk.ending" : "chunk.size";
    return undefined;
  }

  #trailer(byte: number): Flaw | undefined {
    const bytes = this.#trailerBytes;
    bytes.push(byte);
    const length = bytes.length;
    if (length > this.#limits.headBytes + 2) return "trailers.large";
    if (byte !== LF) return undefined;
    if (bytes[length - 2] !== CR) return "head.ending";
    if (length > 2 && !(bytes[length - 3] === LF && length > 3)) return undefined;
    this.#state = "end";
    return length === 2 ? undefined : this.#readTrailers(Buffer.from(bytes));
  }

  #readTrailers(bytes: Buffer): Flaw | undefined {
    const end = bytes.length - 2;
    const block = new HeadBlock();
    block.reset(bytes.toString("latin1"), 0);
    const flaw = readFields(bytes, 0, 0, end, block, this.#limits.fields);
    if (flaw) return flaw === "head.fields" ? "trailers.large" : flaw;
    this.trailers = allowedTrailers(block);
    return undefined;
  }
}

function allowedTrailers(block: HeadBlock): Headers | undefined {
  const list = new HeaderList();
  for (let at = 0; at < block.size; at++) {
    const name = block.name(at);
    if (isTrailerName(name.toLowerCase())) list.append(name, block.value(at));
  }
  return list.size > 0 ? list : undefined;
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 97 && byte <= 102) return byte - 87;
  return byte >= 65 && byte <= 70 ? byte - 55 : -1;
}
