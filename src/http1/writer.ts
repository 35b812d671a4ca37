/** Writes HTTP/1 heads, chunks and trailers: canonical bytes only, whatever came in. */
import type { RequestHead, ResponseHead } from "../http/exchange.ts";
import { decimal, isFieldValue } from "../http/grammar.ts";
import type { Headers } from "../http/headers.ts";
import { known } from "../http/known-fields.ts";
import { CODEC_FIELDS, HeadBlock } from "./head-block.ts";

/** How the body of a written message is framed. */
export type Framing = "none" | "length" | "chunked" | "close" | "tunnel";

const ZERO = 48;

export const LAST_CHUNK = "0\r\n\r\n";

/** The head of a request whose body has `length` bytes, -1 for one that is chunked, and that asks for `upgrade`. */
export function requestHeadText(request: RequestHead, length: number, upgrade = ""): string {
  const { headers } = request;
  dropCodecFields(headers);
  const framing = lengthLine(headers, length, false);
  // RFC 9112 §7: an HTTP/1.0 recipient knows no chunks.
  const version = request.version === 10 && length >= 0 ? "HTTP/1.0" : "HTTP/1.1";
  const last = upgrade === "" ? "\r\n" : `${upgradeLines(upgrade)}\r\n`;
  return `${request.method} ${request.target} ${version}\r\n${fieldLines(headers)}${framing}${last}`;
}

/** How the body of an answer to a caller of `version` is framed. */
export function responseFraming(length: number, version: number, bodyless: boolean): Framing {
  if (bodyless) return "none";
  if (length >= 0) return "length";
  return version === 10 ? "close" : "chunked";
}

/**
 * The head of an answer. `connection` is the value of the Connection field, "" for none; `length` that of the body
 * where `framing` is "length".
 */
export function responseHeadText(response: ResponseHead, framing: Framing, length: number, connection: string): string {
  const { headers, status } = response;
  dropCodecFields(headers);
  let framed = "";
  if (framing === "none") dropImpossibleLength(headers, status);
  else
    framed = framing === "close" ? dropLength(headers) : lengthLine(headers, framing === "chunked" ? -1 : length, true);
  const line = status === 200 && response.reason === "OK" ? "HTTP/1.1 200 OK\r\n" : statusLine(status, response.reason);
  const last = connection === "" ? "\r\n" : `connection: ${connection}\r\n\r\n`;
  return `${line}${fieldLines(headers)}${framed}${last}`;
}

/** The head of an answer that makes a tunnel of its connection: 101 to `upgrade`, or 2xx to CONNECT. */
export function tunnelHeadText({ status, reason, headers }: ResponseHead, upgrade: string): string {
  dropCodecFields(headers);
  dropLength(headers);
  const last = status === 101 ? upgradeLines(upgrade) : "";
  return `${statusLine(status, reason)}${fieldLines(headers)}${last}\r\n`;
}

/** The head of an interim answer. */
export function interimHeadText(status: number, reason: string, headers: Headers): string {
  dropCodecFields(headers);
  dropLength(headers);
  return `${statusLine(status, reason)}${fieldLines(headers)}\r\n`;
}

/** The end of a chunked body. */
export function lastChunkText(trailers: Headers | undefined): string {
  return trailers === undefined ? LAST_CHUNK : `0\r\n${fieldLines(trailers)}\r\n`;
}

const upgradeLines = (upgrade: string): string => `connection: upgrade\r\nupgrade: ${upgrade}\r\n`;

function statusLine(status: number, reason: string): string {
  return `HTTP/1.1 ${status} ${isFieldValue(reason) ? reason : ""}\r\n`;
}

/** Every live field as `name: value` with CRLF. */
export function fieldLines(headers: Headers): string {
  if (headers instanceof HeadBlock) return headers.lines();
  let out = "";
  for (let at = 0; at < headers.size; at++) {
    if (!headers.dropped(at)) out += `${headers.name(at)}: ${headers.value(at)}\r\n`;
  }
  return out;
}

/** Framing and the life of a connection are the codec's own words. */
function dropCodecFields(headers: Headers): void {
  if ((headers.seen & CODEC_FIELDS) === 0) return;
  headers.remove("connection");
  headers.remove("transfer-encoding");
  headers.remove("keep-alive");
  headers.remove("proxy-connection");
  headers.remove("upgrade");
}

/** Leaves at most one Content-Length in `headers`, and that one true; returns the line that is missing. */
function lengthLine(headers: Headers, length: number, saysZero: boolean): string {
  if (length < 0) return `${dropLength(headers)}transfer-encoding: chunked\r\n`;
  const at = (headers.seen & known.contentLength) === 0 ? -1 : headers.find("content-length");
  if (at >= 0) {
    if (says(headers.value(at), length) && headers.find("content-length", at + 1) < 0) return "";
    dropLength(headers);
  }
  return length > 0 || saysZero || at >= 0 ? `content-length: ${length}\r\n` : "";
}

/** Whether `text` is the number as it is written here. */
function says(text: string, length: number): boolean {
  return decimal(text) === length && (length === 0 ? text.length === 1 : text.charCodeAt(0) !== ZERO);
}

function dropLength(headers: Headers): "" {
  if ((headers.seen & known.contentLength) !== 0) headers.remove("content-length");
  return "";
}

/** To HEAD and with 304 a length tells of another answer; with 204 it may not stand (RFC 9110 §8.6). */
function dropImpossibleLength(headers: Headers, status: number): void {
  if ((headers.seen & known.contentLength) === 0) return;
  const at = headers.find("content-length");
  const value = at < 0 ? "" : headers.value(at);
  const isPossible = status !== 204 && status >= 200 && /^(?:0|[1-9]\d{0,14})$/.test(value);
  if (!isPossible || headers.find("content-length", at + 1) >= 0) headers.remove("content-length");
}
