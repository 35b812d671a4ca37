/** What a proxy must know of gRPC over HTTP/2: which requests it are, and how a status is told. */
import type { Failure } from "../base/failure.ts";
import { fieldLine } from "./field-line.ts";
import { HeaderList } from "./header-list.ts";
import type { Headers } from "./headers.ts";

const TYPE = "application/grpc";

/** Whether a message's content is gRPC's own framing; gRPC-Web, which goes over HTTP/1 too, is not. */
export function isGrpc(headers: Headers): boolean {
  const type = headers.get("content-type");
  if (type === undefined || !type.startsWith(TYPE)) return false;
  if (type.length === TYPE.length) return true;
  const next = type.charAt(TYPE.length);
  return next === "+" || next === ";";
}

/** Whether a request is a call of gRPC or of gRPC-Web: both have the same deadlines. */
export function isGrpcCall(headers: Headers): boolean {
  return headers.get("content-type")?.startsWith(TYPE) === true;
}

const INTERNAL = 13;
const UNKNOWN = 2;
const RESOURCE_EXHAUSTED = 8;

/** Where the table of failures names none, as gRPC's own table from HTTP has it; a size is a resource. */
export function grpcStatusOf({ grpcStatus, status }: Failure): number {
  if (grpcStatus !== undefined) return grpcStatus;
  if (status === 413 || status === 431) return RESOURCE_EXHAUSTED;
  return status === 400 ? INTERNAL : UNKNOWN;
}

/** Of the encoded text: a caller's limit on trailers is often 8 KiB. */
const MAX_MESSAGE = 1024;

/** As `grpc-message` is written: printable ASCII but for the percent sign, the bytes of the rest in hex. */
export function grpcMessage(text: string): string {
  let out = "";
  for (const letter of text.toWellFormed()) {
    const next = /^[ -$&-~]$/.test(letter) ? letter : encoded(letter);
    if (out.length + next.length > MAX_MESSAGE) break;
    out += next;
  }
  return out;
}

function encoded(letter: string): string {
  let out = "";
  for (const byte of Buffer.from(letter, "utf8")) out += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return out;
}

const contentType = fieldLine("content-type", TYPE);

/** The head of an answer that is all there is of it (Trailers-Only), status 200. */
export function trailersOnly(failure: Failure): HeaderList {
  const headers = new HeaderList();
  headers.appendLine(contentType);
  appendStatus(headers, failure);
  return headers;
}

/** How an answer ends that was broken off after its head: no caller takes it for whole, and the reason is there. */
export function statusTrailers(failure: Failure): HeaderList {
  const headers = new HeaderList();
  appendStatus(headers, failure);
  headers.append("linkspan-code", failure.code);
  return headers;
}

function appendStatus(headers: HeaderList, failure: Failure): void {
  headers.append("grpc-status", String(grpcStatusOf(failure)));
  headers.append("grpc-message", grpcMessage(failure.message));
}
