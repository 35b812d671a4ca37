/** What can be said against a request head that is not whole yet, so that nobody waits for the end of nonsense. */
import { CR, LF, TOKEN, VALUE } from "../http/grammar.ts";
import type { Flaw } from "./flaw.ts";
import { headEnd } from "./head-end.ts";
import type { HeadLimits } from "./limits.ts";

/** Looks at each byte once, however small the pieces are in which a head comes. */
export class PartialHead {
  #lineEnd = -1;
  #checked = 0;
  #skipped = false;

  reset(): void {
    this.#lineEnd = -1;
    this.#checked = 0;
    this.#skipped = false;
  }

  /** Whether an empty line stands before the request; one is passed over (RFC 9112 §2.2). */
  isEmptyLine(bytes: Uint8Array, from: number): boolean {
    if (this.#skipped || bytes[from + 1] !== LF) return false;
    this.#skipped = true;
    return true;
  }

  /** Where the CRLFCRLF stands that ends the head, or -1. */
  end(bytes: Uint8Array, from: number): number {
    return headEnd(bytes, from + Math.max(0, this.#checked - 3));
  }

  /** `bytes` from `from` on is all that has come of the head; between two calls it only grows. */
  check(bytes: Uint8Array, from: number, limits: HeadLimits): Flaw | undefined {
    for (let at = from + this.#checked; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === LF) {
        if (bytes[at - 1] !== CR || at === from) return "head.ending";
        if (this.#lineEnd < 0) this.#lineEnd = at - 1 - from;
      } else if (at > from && bytes[at - 1] === CR) return "head.ending";
      else if (byte !== CR && VALUE[byte] === 0) return "head.byte";
    }
    this.#checked = bytes.length - from;
    const isEmptyLine = bytes[from] === CR && bytes.length === from + 1 && !this.#skipped;
    if (TOKEN[bytes[from] as number] === 0 && !isEmptyLine) return "line.method";
    return this.#size(bytes, from, limits);
  }

  #size(bytes: Uint8Array, from: number, limits: HeadLimits): Flaw | undefined {
    const length = bytes.length - from;
    if (this.#lineEnd < 0) return length > limits.lineBytes + 1 ? "line.large" : undefined;
    if (this.#lineEnd > limits.lineBytes) return "line.large";
    if (!endsInVersion(bytes, from, from + this.#lineEnd)) return "line.version";
    return length - this.#lineEnd - 2 > limits.headBytes ? "head.large" : undefined;
  }
}

/** Whether a request line ends like one; without it this may be HTTP/0.9, which waits for its answer now. */
function endsInVersion(bytes: Uint8Array, from: number, end: number): boolean {
  const at = end - 9;
  return at > from && bytes[at] === 32 && bytes[at + 1] === 72 && bytes[at + 5] === 47 && bytes[at + 7] === 46;
}
