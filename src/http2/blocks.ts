/** Makes the header blocks of HTTP/2 from the exchange's heads, which speak as HTTP/1 does: canonical fields only leave. */
import type { Exchange } from "../http/exchange.ts";
import { COLON } from "../http/grammar.ts";
import type { Headers } from "../http/headers.ts";
import { known } from "../http/known-fields.ts";
import { DROPPED_LENGTH, fieldsBound, FOREIGN_LENGTH, writeFields, writeTrailers } from "./field-block.ts";
import { nameKind } from "./field-kind.ts";
import type { HpackEncoder } from "./hpack-encoder.ts";

const METHOD = nameKind(":method");
const SCHEME = nameKind(":scheme");
const AUTHORITY = nameKind(":authority");
const PATH = nameKind(":path");
const PROTOCOL = nameKind(":protocol");
const STATUS = nameKind(":status");
const TE = nameKind("te");

/** Bytes that `requestBlock` takes at most. */
export function requestBlockBound({ request, upgrade }: Exchange): number {
  // The Host is among the fields, and stands for the authority.
  return fieldsBound(request.headers) + request.method.length + request.target.length + upgrade.length;
}

/**
 * Writes the block of the exchange's request at `out[at]`, where `requestBlockBound` bytes are free; returns the end. An
 * `upgrade` is an extended CONNECT (RFC 8441 §4).
 */
export function requestBlock(
  x: Exchange,
  scheme: "http" | "https",
  encoder: HpackEncoder,
  out: Buffer,
  at: number,
): number {
  const { method, target, headers } = x.request;
  const isExtended = x.upgrade !== "";
  const isTunnel = isExtended || method === "CONNECT";
  let end = encoder.begin(out, at);
  end = encoder.field(":method", isTunnel ? "CONNECT" : method, out, end, METHOD);
  if (isExtended) end = encoder.field(":protocol", x.upgrade, out, end, PROTOCOL);
  if (isExtended || !isTunnel) end = encoder.field(":scheme", scheme, out, end, SCHEME);
  const host = method === "CONNECT" ? target : (headers.seen & known.host) === 0 ? "" : (headers.get("host") ?? "");
  // HTTP/1 lets a Host be empty, or a port only; an authority may not be (RFC 9113 §8.3.1).
  if (host !== "" && host.charCodeAt(0) !== COLON) end = encoder.field(":authority", host, out, end, AUTHORITY);
  if (isExtended || !isTunnel) end = encoder.field(":path", target, out, end, PATH);
  const length = isTunnel ? DROPPED_LENGTH : x.requestBody.length;
  end = writeFields(headers, length, isExtended ? "sec-websocket-key" : "", encoder, out, end);
  return x.takesTrailers ? encoder.field("te", "trailers", out, end, TE) : end;
}

/** Bytes that `responseBlock` takes at most. */
export const responseBlockBound = ({ response }: Exchange): number => fieldsBound(response.headers);

/** Writes the block of the exchange's response; returns the end. The 101 to an upgrade is a 200 (RFC 8441 §5). */
export function responseBlock(x: Exchange, encoder: HpackEncoder, out: Buffer, at: number): number {
  const { status, headers } = x.response;
  const isSwitch = status === 101;
  const end = writeStatus(isSwitch ? 200 : status, encoder, out, encoder.begin(out, at));
  return writeFields(headers, lengthOf(x), isSwitch ? "sec-websocket-accept" : "", encoder, out, end);
}

/** Bytes that `interimBlock` and `trailersBlock` take at most. */
export const fieldsBlockBound = fieldsBound;

/** Writes the block of an interim response; returns the end. */
export function interimBlock(status: number, headers: Headers, encoder: HpackEncoder, out: Buffer, at: number): number {
  const end = writeStatus(status, encoder, out, encoder.begin(out, at));
  return writeFields(headers, DROPPED_LENGTH, "", encoder, out, end);
}

/** Writes the block of the trailers, which is empty where none of `headers` may be a trailer; returns the end. */
export function trailersBlock(headers: Headers, encoder: HpackEncoder, out: Buffer, at: number): number {
  return writeTrailers(headers, encoder, out, encoder.begin(out, at));
}

/** The texts of the statuses that come with nearly every answer. */
function writeStatus(status: number, encoder: HpackEncoder, out: Buffer, at: number): number {
  return encoder.field(":status", status === 200 ? "200" : String(status), out, at, STATUS);
}

/** How the length of the answer is said. */
function lengthOf({ request, response, responseBody }: Exchange): number {
  const { status } = response;
  const isTunnel = status === 101 || (request.method === "CONNECT" && status < 300);
  if (isTunnel || status === 204) return DROPPED_LENGTH;
  return request.method === "HEAD" || status === 304 ? FOREIGN_LENGTH : responseBody.length;
}
