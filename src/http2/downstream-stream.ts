/** One stream of a caller, with the exchange that answers it: the upper end of a request that came by HTTP/2. */
import { type Failure, failures } from "../base/failure.ts";
import { hasNoBody, opensTunnel } from "../http/answer-body.ts";
import { noBody } from "../http/body.ts";
import { answerFailure, BytesBody, errorResponse, wantsGrpcStatus } from "../http/error-response.ts";
import { Exchange, type Responder } from "../http/exchange.ts";
import { statusTrailers } from "../http/grpc.ts";
import { HeaderList } from "../http/header-list.ts";
import type { Headers } from "../http/headers.ts";
import { stripHopByHop } from "../http/hygiene.ts";
import { known } from "../http/known-fields.ts";
import { LateContinue } from "../http/late-continue.ts";
import { BodyPace } from "./body-pace.ts";
import type { Http2Site } from "./downstream-site.ts";
import { errorCode } from "./error-code.ts";
import { FieldList } from "./field-list.ts";
import { codeFor } from "./reset-code.ts";
import type { Wire } from "./wire.ts";
import { Stream } from "./stream.ts";

/** Taken from a free list for a request, and given back when its exchange is over and its last frame written. */
export class DownstreamStream extends Stream implements Responder {
  readonly x: Exchange;
  /** Whether the head of the answer was written. */
  #hasAnswered = false;
  #isTunnel = false;
  readonly #continue = new LateContinue();
  readonly #pace = new BodyPace();
  readonly #site: Http2Site;

  constructor(site: Http2Site) {
    super();
    this.#site = site;
    const request = { version: 20, method: "", target: "", headers: new FieldList() } as const;
    const response = { version: 20, status: 0, reason: "", headers: new FieldList() } as const;
    this.x = new Exchange({ ...request }, { ...response }, site.layout);
    this.x.downstream = this;
    this.x.interim = (status, headers) => this.#interim(status, headers);
  }

  get takesData(): boolean {
    return true;
  }

  override open(wire: Wire, id: number): void {
    super.open(wire, id);
    this.#hasAnswered = false;
    this.#isTunnel = false;
    this.#continue.reset();
    this.#pace.restart(this.#site.sweeper.now);
  }

  /** Sends the request whose head `x` has on its way; `length` is that of its body, -1 where only its end tells. */
  dispatch(length: number, endsStream: boolean): void {
    const { x, receiver } = this;
    x.startedAt = this.#site.clock.now();
    this.inFlight = true;
    if (endsStream) this.hasReceived = true;
    else if (x.upgrade === "" && x.request.method !== "CONNECT") {
      receiver.expect(length);
      x.requestBody = receiver;
      if ((x.request.headers.seen & known.expect) !== 0) this.#awaitContinue();
    } else x.tunnel = receiver;
    try {
      this.#site.service.dispatch(x);
    } catch (error) {
      this.#bug(error);
    }
  }

  /** Answers a request that cannot be dispatched. One whose `method` is not known, "", may have been a HEAD. */
  refuse(failure: Failure, endsStream: boolean, method: string): void {
    const { x } = this;
    this.hasReceived = endsStream;
    x.request.method = method || "HEAD";
    this.inFlight = true;
    x.failure = failure;
    x.responseBody = errorResponse(x.response, failure);
    this.#site.refused?.(failure.status, failure.code, x.remoteAddress);
    this.respond(x);
    this.finish(x);
  }

  respond(x: Exchange): void {
    if (!this.inFlight || this.#hasAnswered || !this.isOpen) return;
    const { failure } = x;
    if (failure !== undefined) {
      // Nobody is there to be answered.
      if (failure.status === 0) return;
      // A failure that no filter has made an answer of.
      if (!(x.responseBody instanceof BytesBody)) answerFailure(x, failure);
    }
    this.#hasAnswered = true;
    this.#continue.cease();
    const { status } = x.response;
    const { length } = x.responseBody;
    this.#isTunnel = failure === undefined && opensTunnel(x);
    const isWhole = !this.#isTunnel && (length === 0 || hasNoBody(x.request.method, status));
    const frameAt = this.wire.blocks.response(this.id, x, isWhole);
    if (isWhole) this.sent();
    else this.sender.open(frameAt, this.#isTunnel ? -1 : length);
    x.responseBody.pipe(this.sender);
  }

  finish(x: Exchange): void {
    if (!this.inFlight) return;
    this.inFlight = false;
    this.#continue.cease();
    x.reset(this.#site.layout);
    if (!this.hasSent && !this.sender.isEnding) this.reset(errorCode.internalError);
    this.receiver.release();
    this.#settle();
  }

  wantsMore(): void {
    if (this.inFlight) this.x.responseBody.drained();
  }

  received(): void {
    // The exchange hears of it by its body's sink.
  }

  override trailersFor(trailers: Headers | undefined): Headers | undefined {
    const { x } = this;
    return x.trailing === undefined || this.#isTunnel ? trailers : x.trailing.trailers(x, trailers);
  }

  /** A call of gRPC ends with the status of the failure, which a mere reset could not tell. */
  sendBroken(failure: Failure | undefined): void {
    if (failure !== undefined && this.isOpen && wantsGrpcStatus(this.x.request)) {
      this.writeTrailers(statusTrailers(failure));
      return this.sent();
    }
    this.reset(codeFor(failure));
    if (failure === undefined) this.#cancel(failures["upstream.reset"]);
  }

  wasReset(): void {
    this.#gone();
  }

  wasFlawed(): void {
    this.#cancel(failures["request.malformed"]);
    this.wire.host.forgotten(this);
  }

  lost(): void {
    this.isOpen = false;
    this.sender.close();
    this.#gone();
  }

  /** Monotonic ms: nobody is waited for without end. */
  check(now: number): void {
    this.#checkContinue(now);
    if (!this.#isTooSlow(now)) return;
    this.#pace.restart(now);
    if (!this.#hasAnswered && !this.sender.isWaiting) return this.#cancel(failures["request.timeout"]);
    this.reset(errorCode.cancel);
    this.#gone();
  }

  protected sentAll(): void {
    this.wire.guard.streamServed();
    if (!this.inFlight) this.#settle();
  }

  #isTooSlow(now: number): boolean {
    const { bodyTimeoutMs, bodyBytes, tunnelTimeoutMs } = this.#site.settings;
    if (this.#isTunnel) return this.#pace.isTooSlow(now, this, true, tunnelTimeoutMs, 1);
    const waits = this.sender.isWaiting || (this.receiver.isAwaited && this.#mustSend);
    return this.#pace.isTooSlow(now, this, waits, bodyTimeoutMs, bodyBytes);
  }

  /** Whether the caller owes us its body: not where both sides talk, for there silence may be all there is to say. */
  get #mustSend(): boolean {
    return (this.receiver.length >= 0 || !this.#hasAnswered) && !this.x.takesTrailers;
  }

  /** The answer was written, and nobody wants what is left of the request. */
  #settle(): void {
    if (this.isOpen && this.hasSent && !this.hasReceived) this.reset(errorCode.noError);
    if (!this.isOpen) this.wire.host.forgotten(this);
  }

  #gone(): void {
    if (this.#hasAnswered) this.x.broken ??= failures["downstream.gone"];
    this.#cancel(failures["downstream.gone"]);
    this.wire.host.forgotten(this);
  }

  /** Whoever holds the exchange lets it go; `finish` has been heard when it returns, if anybody did. */
  #cancel(failure: Failure): void {
    if (!this.inFlight) return;
    if (this.x.holder) this.x.cancel(failure);
    else this.receiver.release()?.fail(failure);
  }

  #awaitContinue(): void {
    if (this.x.request.headers.get("expect")?.toLowerCase() !== "100-continue") return;
    this.#continue.expect(this.x.startedAt + this.#site.settings.continueAfterMs);
  }

  /** Gives a caller that waits its 100 where the endpoint is late with it. */
  #checkContinue(now: number): void {
    if (!this.#continue.isDue(now, this.receiver.moved > 0 || this.#hasAnswered)) return;
    this.wire.blocks.interim(this.id, 100, new HeaderList());
  }

  #interim(status: number, headers: Headers): void {
    if (!this.inFlight || this.#hasAnswered || !this.isOpen) return;
    if (!this.#continue.passes(status)) return;
    stripHopByHop(headers);
    this.wire.blocks.interim(this.id, status, headers);
  }

  /** A defect threw: the caller gets its 500, and the process lives. */
  #bug(error: unknown): void {
    this.#site.bug(error);
    const { x } = this;
    if (!this.inFlight) return;
    if (x.holder) return x.cancel(failures.internal);
    x.failure = failures.internal;
    x.responseBody = noBody;
    this.respond(x);
    this.finish(x);
  }
}
