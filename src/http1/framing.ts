/** Where the body of a message ends, by its head (RFC 9112 §6). */
import { decimal } from "../http/grammar.ts";
import { known } from "../http/known-fields.ts";
import type { Flaw } from "./flaw.ts";
import type { HeadBlock } from "./head-block.ts";

/** The length of a chunked body. */
export const CHUNKED = -1;
/** No field says how long the body is. */
export const UNSAID = -2;
/** The framing is ambiguous; `framingFlaw` says how. */
export const AMBIGUOUS = -3;

const FRAMING = known.contentLength | known.transferEncoding;

/** The length that the fields give: 0 or more, or one of the constants above. */
export function framedLength(head: HeadBlock, version: 10 | 11): number {
  const seen = head.seen & FRAMING;
  if (seen === 0) return UNSAID;
  if (seen === FRAMING || (head.repeated & FRAMING) !== 0) return AMBIGUOUS;
  if (seen === known.transferEncoding) return version === 11 && isChunked(head) ? CHUNKED : AMBIGUOUS;
  const length = decimal(head.value(head.find("content-length")));
  return length < 0 ? AMBIGUOUS : length;
}

export function framingFlaw(head: HeadBlock, version: 10 | 11): Flaw {
  const seen = head.seen & FRAMING;
  if (seen === FRAMING) return "length.coding";
  if (seen === known.transferEncoding) return version === 10 ? "coding.version" : "coding.unknown";
  return (head.repeated & known.contentLength) !== 0 ? "length.repeated" : "length.grammar";
}

const isChunked = (head: HeadBlock): boolean => head.value(head.find("transfer-encoding")).toLowerCase() === "chunked";

/**
 * Whether the other side lets the connection stay. What nearly every message says of it, that word alone, is done with
 * then, and is taken out of the head.
 */
export function keepsAlive(head: HeadBlock, version: 10 | 11): boolean {
  if ((head.seen & known.connection) === 0) return version === 11;
  if ((head.repeated & known.connection) === 0) {
    const at = head.find("connection");
    const value = head.value(at);
    if (value === "keep-alive" || value === "close") {
      head.take(at, known.connection);
      return value === "keep-alive";
    }
  }
  if (connectionNames(head, "close")) return false;
  return version === 11 || connectionNames(head, "keep-alive");
}

/** Whether the Connection fields name `option`, which is in lower case. */
export function connectionNames(head: HeadBlock, option: string): boolean {
  if ((head.seen & known.connection) === 0) return false;
  for (let at = head.find("connection"); at >= 0; at = head.find("connection", at + 1)) {
    const value = head.value(at).toLowerCase();
    if (value === option) return true;
    if (value.includes(",") && value.split(",").some((each) => each.trim() === option)) return true;
  }
  return false;
}
