/** Reads the fields of an HTTP/2 response, strictly (RFC 9113 §8.2, §8.3.2), and makes the exchange's head of them. */
import type { Exchange } from "../http/exchange.ts";
import type { Headers } from "../http/headers.ts";
import { known } from "../http/known-fields.ts";
import { reasonOf } from "../http/status.ts";
import type { ResponseFlaw } from "./field-flaw.ts";
import { BAD_NAME, BAD_VALUE, CONNECTION, PSEUDO, STATUS } from "./field-kind.ts";
import { addLength, NO_LENGTH } from "./field-length.ts";
import { FieldList } from "./field-list.ts";
import type { FieldSink } from "./hpack-decoder.ts";

const SPECIAL = BAD_NAME | BAD_VALUE | CONNECTION | PSEUDO | known.contentLength;
const SWITCHING = 101;

/** One a connection: `reset`, then a block is decoded into it, then `finish`. */
export class ResponseFields implements FieldSink {
  /** Of the response, as it came; below 200 it is an interim one. */
  status = 0;
  /** -1 where the response does not say it. */
  contentLength = NO_LENGTH;
  #list = new FieldList();
  #flaw: ResponseFlaw | undefined;
  #isPastPseudo = false;

  /** Of an interim response, until the next `reset`. */
  get headers(): Headers {
    return this.#list;
  }

  reset(): void {
    this.status = 0;
    this.contentLength = NO_LENGTH;
    this.#list.reset();
    this.#flaw = undefined;
    this.#isPastPseudo = false;
  }

  field(name: string, value: string, kind: number): void {
    if ((kind & PSEUDO) !== 0) {
      this.#flaw ??= this.#pseudo(value, kind);
      return;
    }
    this.#isPastPseudo = true;
    if ((kind & SPECIAL) === 0) this.#list.add(name, value, kind);
    else this.#flaw ??= this.#special(name, value, kind);
  }

  #pseudo(value: string, kind: number): ResponseFlaw | undefined {
    if ((kind & BAD_VALUE) !== 0) return "field.value";
    if ((kind & STATUS) === 0) return "pseudo.unknown";
    if (this.#isPastPseudo) return "pseudo.late";
    if (this.status !== 0) return "pseudo.repeated";
    this.status = statusOf(value);
    return this.status === 0 ? "pseudo.status" : undefined;
  }

  #special(name: string, value: string, kind: number): ResponseFlaw | undefined {
    if ((kind & BAD_NAME) !== 0) return "field.name";
    if ((kind & BAD_VALUE) !== 0) return "field.value";
    if ((kind & CONNECTION) !== 0) return "field.connection";
    const length = addLength(this.#list, this.contentLength, name, value, kind);
    if (typeof length === "string") return length;
    this.contentLength = length;
    return undefined;
  }

  /**
   * Fills the response's head of `x`; undefined when good. An interim response leaves `x` as it is. A 2xx to an extended
   * CONNECT becomes the 101 that it is in HTTP/1 (RFC 8441 §5). The exchange gets the list of fields, and gives the one
   * that it had.
   */
  finish(x: Exchange): ResponseFlaw | undefined {
    if (this.#flaw !== undefined) return this.#flaw;
    if (this.status === 0) return "pseudo.missing";
    if (this.status < 200) return undefined;
    const { response } = x;
    const opensTunnel = this.status < 300 && (x.upgrade !== "" || x.request.method === "CONNECT");
    if (opensTunnel) {
      this.#list.remove("content-length");
      this.contentLength = NO_LENGTH;
    }
    const before = response.headers;
    response.version = 20;
    response.status = opensTunnel && x.upgrade !== "" ? SWITCHING : this.status;
    response.reason = reasonOf(response.status);
    response.headers = this.#list;
    this.#list = before instanceof FieldList ? before : new FieldList();
    return undefined;
  }
}

/** A status of three digits; 0 for anything else, and for 101, which HTTP/2 does not have (RFC 9113 §8.6). */
function statusOf(text: string): number {
  if (text === "200") return 200;
  const isStatus = text.length === 3 && /^[1-9]\d\d$/.test(text);
  const status = isStatus ? Number(text) : 0;
  return status === SWITCHING ? 0 : status;
}
