/** Reads the head of an HTTP/1 response, strictly (RFC 9112 §4): an ambiguous one is refused, never repaired. */
import { connects, hasNoBody } from "../http/answer-body.ts";
import type { ResponseHead } from "../http/exchange.ts";
import { CR, LF, SP, VALUE } from "../http/grammar.ts";
import { readFields } from "./field-section.ts";
import type { Flaw } from "./flaw.ts";
import { AMBIGUOUS, framedLength, framingFlaw, keepsAlive, UNSAID } from "./framing.ts";
import { HeadBlock } from "./head-block.ts";
import { headEnd } from "./head-end.ts";
import type { HeadLimits } from "./limits.ts";
import { grantsUpgrade } from "./upgrade.ts";

/** Interim answers to one request. */
const MAX_INTERIMS = 100;
const VERSION = "HTTP/1.";
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
  /** Whether the connection is a tunnel from here on. */
  opensTunnel = false;
  #method = "";
  #upgrade = "";
  #accept = "";
  #interims = 0;
  readonly #limits: HeadLimits;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** The next heads answer a request of this method, which asked for `upgrade`; `accept` is the Accept of a handshake. */
  begin(method: string, upgrade = "", accept = ""): void {
    this.#method = method;
    this.#upgrade = upgrade;
    this.#accept = accept;
    this.#interims = 0;
  }

  /** Gives what was read to an exchange's `response`. */
  fill(response: ResponseHead): void {
    response.version = this.version;
    response.status = this.status;
    response.reason = this.reason;
    response.headers = this.headers;
  }

  /** Reads a head that starts at `from`; returns the position behind it, -1 where it is not whole, or what is wrong. */
  next(bytes: Buffer, from: number): number | Flaw {
    const end = headEnd(bytes, from);
    if (end < 0) return partialFlaw(bytes, from, this.#limits) ?? -1;
    const flaw = this.#read(bytes, from, end);
    if (flaw) return flaw;
    if (this.status === 101 && !this.opensTunnel) return "status.upgrade";
    if (this.status < 200 && !this.opensTunnel && ++this.#interims > MAX_INTERIMS) return "status.interim";
    return end + 4;
  }

  /** The last field ends at `end`, where CRLFCRLF stands. */
  #read(bytes: Buffer, from: number, end: number): Flaw | undefined {
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
    return readFields(bytes, from, fieldsStart, end + 2, this.headers, this.#limits.fields) ?? this.#readMeaning();
  }

  #readMeaning(): Flaw | undefined {
    const { headers, version, status } = this;
    this.keepAlive = keepsAlive(headers, version);
    this.opensTunnel = this.#opensTunnel();
    if (this.opensTunnel) {
      this.length = UNSAID;
      this.keepAlive = false;
      return undefined;
    }
    const length = framedLength(headers, version);
    if (length === AMBIGUOUS) return framingFlaw(headers, version);
    if (hasNoBody(this.#method, status)) {
      this.length = 0;
      return undefined;
    }
    this.length = length;
    if (length === UNSAID) this.keepAlive = false;
    return undefined;
  }

  #opensTunnel(): boolean {
    if (this.status !== 101) return connects(this.#method, this.status);
    return this.#upgrade !== "" && this.version === 11 && grantsUpgrade(this.headers, this.#upgrade, this.#accept);
  }
}

/** What can be said against a head that is not whole yet. */
function partialFlaw(bytes: Buffer, at: number, limits: HeadLimits): Flaw | undefined {
  if (bytes.length - at > limits.lineBytes + limits.headBytes + 4) return "head.large";
  const start = bytes.toString("latin1", at, Math.min(bytes.length, at + VERSION.length));
  if (start !== VERSION.slice(0, start.length)) return "line.status";
  for (let lf = bytes.indexOf(10, at); lf >= 0; lf = bytes.indexOf(10, lf + 1)) {
    if (bytes[lf - 1] !== 13) return "head.ending";
  }
  return undefined;
}

function statusOf(text: string): number {
  let status = 0;
  for (let at = STATUS_END - 3; at < STATUS_END; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    status = status * 10 + digit;
  }
  return status;
}
