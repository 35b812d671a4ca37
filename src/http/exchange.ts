/** One request and its response, over all attempts: the one object that walks the chain. */
import type { Proof } from "../base/certificates.ts";
import type { Failure } from "../base/failure.ts";
import { type BodySource, noBody } from "./body.ts";
import type { Headers } from "./headers.ts";

/** 10 for HTTP/1.0, 11 for HTTP/1.1, 20 for HTTP/2. */
export type HttpVersion = 10 | 11 | 20;

export interface RequestHead {
  version: HttpVersion;
  method: string;
  /** Origin form, `*`, or for CONNECT the authority; absolute form was turned into origin form and Host. */
  target: string;
  headers: Headers;
}

export interface ResponseHead {
  version: HttpVersion;
  status: number;
  reason: string;
  headers: Headers;
}

/** Takes a request on its way towards the upstream. */
export interface Service {
  dispatch(x: Exchange): void;
}

/** Hears the answer on its way back. */
export interface Responder {
  /** `x.response` is a head, or `x.failure` is set. At most once an attempt. */
  respond(x: Exchange): void;
  /** Exactly once for every dispatch, however it ended: both directions are over. */
  finish(x: Exchange): void;
}

/** Whoever keeps an exchange beyond the turn in which it was dispatched: a waiting line, or a connection. */
export interface Holder {
  /**
   * Gives the exchange up. Where no answer was given yet, `failure` becomes the answer (`respond`); then `finish`
   * follows, both before it returns. A connection with a half-done exchange on it is not used again.
   */
  cancel(x: Exchange, failure: Failure): void;
  /** Ends the attempt without an answer: only `finish` follows, before it returns. */
  abandon(x: Exchange): void;
}

/** Adds to an answer's trailers what only its end can tell. */
export interface Trailing {
  /**
   * A connection of a caller that can send trailers (every HTTP/2 stream) calls it once, when the answer's body has ended
   * whole, and sends what it returns. Not for an answer without a body.
   */
  trailers(x: Exchange, trailers: Headers | undefined): Headers | undefined;
}

/** A caller's connection, as far as anybody asks; a socket is one. */
export interface CallerConnection {
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /** Whoever noted last that this connection called; nobody else asks for it. */
  notedBy?: object | undefined;
}

/** Hands out places on every exchange; all are claimed at assembly. */
export class Layout {
  #numbers = 0;
  #values = 0;
  get numbers(): number {
    return this.#numbers;
  }
  get values(): number {
    return this.#values;
  }
  /** An index into `x.numbers`. */
  number(): number {
    return this.#numbers++;
  }
  /** An index into `x.values`. */
  value(): number {
    return this.#values++;
  }
}

/** Lives as long as its downstream connection (or stream slot) and is reset between requests. */
export class Exchange {
  /** Grows at each reset: who keeps the exchange beyond its turn keeps the epoch too, and compares. */
  epoch = 0;
  readonly request: RequestHead;
  readonly response: ResponseHead;
  requestBody: BodySource = noBody;
  /** Set with the response head by whoever answers. */
  responseBody: BodySource = noBody;
  /**
   * The protocol that the caller asks to switch to, in lower case (`websocket`); "" for none. An extended CONNECT of
   * HTTP/2 (RFC 8441) is a GET with it: the exchange speaks as HTTP/1 does, and is answered by 101.
   */
  upgrade = "";
  /** What the caller sends after an answer of 101, or of 2xx to CONNECT; the other way it is `responseBody`. */
  tunnel: BodySource = noBody;
  /** Whether the caller said that it takes trailers (`te: trailers`, which belongs to one connection). */
  takesTrailers = false;
  /** By which scheme the caller asked. */
  scheme: "http" | "https" = "http";
  /**
   * The trailers that the answer ended with; gRPC tells its status in them. The connection that the answer comes on sets
   * them before its body's sink hears `end`.
   */
  trailers: Headers | undefined = undefined;
  /**
   * Why the answer was broken off after its head was given, by the endpoint or by a caller that left. Whoever breaks it
   * off sets it before `finish`.
   */
  broken: Failure | undefined = undefined;
  /** Asked for the trailers that the caller gets, where a class is known only at the end; see there. */
  trailing: Trailing | undefined = undefined;
  failure: Failure | undefined = undefined;
  holder: Holder | undefined = undefined;
  /** Whether a byte of this attempt may have reached an endpoint. */
  sent = false;
  /** Interim answers (1xx but 101) go straight to the caller's connection. Status and headers are borrowed. */
  interim: ((status: number, headers: Headers) => void) | undefined = undefined;
  /** The connection that the request came on, where the server tier answers to (see `toDownstream`). */
  downstream: Responder | undefined = undefined;
  /** The seams: where the tier below answers to. Set by the last stage of the tier above. */
  serverTier: Responder | undefined = undefined;
  routeTier: Responder | undefined = undefined;
  /** The caller's address, as in `net`; empty when unknown. */
  remoteAddress = "";
  /** The same object for all exchanges of a connection. */
  caller: CallerConnection | undefined = undefined;
  /** Of the caller's connection: whom its certificate shows it to be; `undefined` where it has shown none. */
  proof: Proof | undefined = undefined;
  /** Monotonic ms of the request's first byte. */
  startedAt = 0;
  /** Monotonic ms of the answer's head where an endpoint gave it, else 0: one reading of the clock for all stages. */
  answeredAt = 0;
  /** Monotonic ms of the last attempt's end, 0 where there was none: one reading here too. */
  endedAt = 0;
  numbers: Float64Array;
  values: unknown[];

  constructor(request: RequestHead, response: ResponseHead, layout: Layout) {
    this.request = request;
    this.response = response;
    this.numbers = new Float64Array(layout.numbers);
    this.values = Array.from({ length: layout.values }, () => undefined);
  }

  /** Between two requests. The owner resets the heads. Grows when a reload claimed more places. */
  reset(layout: Layout): void {
    this.epoch++;
    this.requestBody = noBody;
    this.upgrade = "";
    this.takesTrailers = false;
    this.tunnel = noBody;
    this.serverTier = undefined;
    this.routeTier = undefined;
    if (this.numbers.length < layout.numbers) this.numbers = new Float64Array(layout.numbers);
    else this.numbers.fill(0);
    for (let at = 0; at < layout.values; at++) this.values[at] = undefined;
    this.resetAttempt();
  }

  /** Before an attempt is made again: forgets the answer, keeps the request. */
  resetAttempt(): void {
    this.requestBody.rewind?.();
    this.responseBody = noBody;
    this.trailers = undefined;
    this.broken = undefined;
    this.trailing = undefined;
    this.failure = undefined;
    this.holder = undefined;
    this.sent = false;
    this.answeredAt = 0;
    this.endedAt = 0;
  }

  /** Ends the attempt without an answer: the stages below hear `finish`, then the caller of this may dispatch again. */
  abandon(): void {
    this.holder?.abandon(this);
  }

  /** The caller left, or time is up: whoever holds the exchange lets it go. */
  cancel(failure: Failure): void {
    this.holder?.cancel(this, failure);
  }
}

/** The upper end of every server tier: hands each exchange's answer to the connection that it came on. */
export const toDownstream: Responder = {
  respond: (x) => x.downstream?.respond(x),
  finish: (x) => x.downstream?.finish(x),
};
