/** Reads the head of an HTTP/1 response, strictly (RFC 9112 §4): an ambiguous one is refused, never repaired. */
import { CR, LF, SP, VALUE } from "../http/grammar.ts";
import { readFields } from "./field-section.ts";
import type { Flaw } from "./flaw.ts";
import { AMBIGUOUS, connectionNames, framedLength, framingFlaw, UNSAID } from "./framing.ts";
import { HeadBlock } from "./head-block.ts";
import type { HeadLimits } from "./limits.ts";

/** `HTTP/1.1 200` */
const STATUS_END = 12;

/** One a connection, filled anew by each `read`. */
export class ResponseHeadReader {
  version: 10 | 11 = 11;
  status = 0;
  reason = "";
  readonly headers = new HeadBlock();
  /** Of the body: 0 or more, CHUNKED, or UNSAID where it ends with the connection. */
  length = 0;
  /** Whether the endpoint lets the connection stay. */
  keepAlive = true;
  readonly #limits: HeadLimits;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /**
   * Reads the head that starts at `from` and whose last line ends at `end`, where CRLFCRLF stands; `method` is the
   * request's.
   */
  read(bytes: Buffer, from: number, end: number, method: string): Flaw | undefined {
    const text = bytes.toString("latin1", from, end + 2);
    const version = text.startsWith("HTTP/1.1 ") ? 11 : text.startsWith("HTTP/1.0 ") ? 10 : 0;
    const status = statusOf(text);
    if (version === 0 || status < 100) return "line.status";
    let at = from + STATUS_END;
    // A line without a reason often comes without the space before it too; nothing else can be meant by that.
    if (bytes[at] === SP) at++;
    const reasonStart = at - from;
    while (VALUE[bytes[at] as number] === 1) at++;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return "line.status";
    if (reasonStart === STATUS_END && at - from !== STATUS_END) return "line.status";
    const fieldsStart = at + 2;
    if (end + 2 - fieldsStart > this.#limits.headBytes || at - from > this.#limits.lineBytes) return "head.large";
    this.version = version;
    this.status = status;
    this.reason = text.startsWith("OK\r", reasonStart) ? "OK" : text.slice(reasonStart, at - from);
    this.headers.reset(text, Math.min(fieldsStart, end + 2) - from);
    return (
      readFields(bytes, from, fieldsStart, end + 2, this.headers, this.#limits.fields) ?? this.#readMeaning(method)
    );
  }

  #readMeaning(method: string): Flaw | undefined {
    const { headers, version, status } = this;
    this.keepAlive =
      version === 11
        ? !connectionNames(headers, "close")
        : connectionNames(headers, "keep-alive") && !connectionNames(headers, "close");
    const length = framedLength(headers, version);
    if (length === AMBIGUOUS) return framingFlaw(headers, version);
    if (hasNoBody(method, status)) {
      this.length = 0;
      return undefined;
    }
    this.length = length;
    if (length === UNSAID) this.keepAlive = false;
    return undefined;
  }
}

/** Whether an answer has no body whatever its fields say (RFC 9112 §6.3). */
export const hasNoBody = (method: string, status: number): boolean =>
  method === "HEAD" || status === 204 || status === 304 || status < 200;

function statusOf(text: string): number {
  let status = 0;
  for (let at = STATUS_END - 3; at < STATUS_END; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    status = status * 10 + digit;
  }
  return status;
}
