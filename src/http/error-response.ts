/** The answer that a caller gets for a failure: the one form, whoever makes it. */
import type { Failure, FailureCode } from "../base/failure.ts";
import type { BodySink, BodySource } from "./body.ts";
import type { Exchange, RequestHead, ResponseHead } from "./exchange.ts";
import { isGrpc, trailersOnly } from "./grpc.ts";
import { HeaderList } from "./header-list.ts";
import { reasonOf } from "./status.ts";

/** A body of bytes that are all here. */
export class BytesBody implements BodySource {
  readonly started = false;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  pipe(sink: BodySink): void {
    if (this.#bytes.length > 0) sink.chunk(this.#bytes);
    sink.end();
  }

  drained(): void {
    // Everything was delivered at once.
  }
}

/** Of the encoded `l5d-err`. */
const MAX_HEADER = 4096;
const MAX_BODY = 16 * 1024;

/** Whether a failure is told as a gRPC status: a caller over HTTP/1 could not read one. */
export function wantsGrpcStatus(request: RequestHead): boolean {
  return request.version === 20 && isGrpc(request.headers);
}

/** Makes the answer for `x.failure` (whose status is not 0): gRPC's own form where the request is gRPC. */
export function answerFailure(x: Exchange, failure: Failure): void {
  x.responseBody = wantsGrpcStatus(x.request) ? grpcResponse(x.response, failure) : errorResponse(x.response, failure);
}

/** Fills `response` with the answer for `failure` (whose status is not 0), and returns its body. */
export function errorResponse(response: ResponseHead, failure: Failure): BodySource {
  const body = new BytesBody(Buffer.from(`${failure.message.slice(0, MAX_BODY)}\n`, "utf8"));
  const headers = new HeaderList();
  headers.append("content-type", "text/plain");
  headers.append("content-length", String(body.length));
  head(response, failure.status, headers, failure);
  return body;
}

const noBytes = new BytesBody(new Uint8Array(0));

function grpcResponse(response: ResponseHead, failure: Failure): BodySource {
  head(response, 200, trailersOnly(failure), failure);
  return noBytes;
}

/** Of these a caller is told that it may try again: the others say it by their status, or it would be of no use. */
const tellsRetryable: ReadonlySet<FailureCode> = new Set(["tls.failed", "upstream.refused", "upstream.reset"]);

function head(response: ResponseHead, status: number, headers: HeaderList, failure: Failure): void {
  headers.append("l5d-err", formEncoded(failure.message, MAX_HEADER));
  headers.append("linkspan-code", failure.code);
  if (failure.flags.has("retryable") && tellsRetryable.has(failure.code)) headers.append("l5d-retryable", "true");
  if (failure.retryAfterSecs !== undefined) headers.append("retry-after", String(failure.retryAfterSecs));
  if (failure.code === "server.overloaded") {
    // As Finagle says that nothing was done with a request, which its clients then send to another server.
    headers.append("retry-after", "0");
    headers.append("finagle-http-nack", "true");
  }
  response.version = 11;
  response.status = status;
  response.reason = reasonOf(status);
  response.headers = headers;
}

/** As `application/x-www-form-urlencoded` writes a value, of at most `limit` characters. */
export function formEncoded(text: string, limit: number): string {
  let out = "";
  for (const letter of text) {
    const next = encodedLetter(letter);
    if (out.length + next.length > limit) break;
    out += next;
  }
  return out;
}

function encodedLetter(letter: string): string {
  if (/^[A-Za-z0-9*\-._]$/.test(letter)) return letter;
  if (letter === " ") return "+";
  // A lone surrogate has no encoding.
  const whole = letter.isWellFormed() ? letter : "?";
  let out = "";
  for (const byte of Buffer.from(whole, "utf8")) out += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return out;
}
