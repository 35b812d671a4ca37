/** One stream to an endpoint: carries one attempt, and answers it. */
import { asRetryable, type Failure, failures } from "../base/failure.ts";
import { noBody } from "../http/body.ts";
import { hasNoBody } from "../http/answer-body.ts";
import type { Exchange, Holder, Responder } from "../http/exchange.ts";
import type { Headers } from "../http/headers.ts";
import { isSafeMethod } from "../http/target.ts";
import { ending } from "./closed-streams.ts";
import { errorCode } from "./error-code.ts";
import { responseFieldFailures } from "./field-flaw.ts";
import { codeFor, failureOf } from "./reset-code.ts";
import type { ResponseFields } from "./response-fields.ts";
import { Stream } from "./stream.ts";

/** The failure of what no endpoint has seen. */
const unprocessed = asRetryable(failures["upstream.reset"]);

/** Interim answers to one request. */
const MAX_INTERIMS = 100;

/** "head": waits for an answer. "body": the answer was given, its body is to come. "over": the exchange was let go. */
type State = "head" | "body" | "over";

/** Taken from a free list for an attempt, and given back when that is over. */
export class UpstreamStream extends Stream implements Holder {
  #state: State = "over";
  #x: Exchange | undefined = undefined;
  #back: Responder | undefined = undefined;
  #interims = 0;
  /** RFC 9110 §9.2.2: the request may be sent again where nothing of an answer came. */
  #isReplayable = false;
  #opensTunnel = false;

  /** The exchange that it carries, unless that was let go. */
  get x(): Exchange | undefined {
    return this.#x;
  }

  get takesData(): boolean {
    return this.#state !== "head";
  }

  /** `open` comes before it. The head leaves at the end of the turn, with what its body has at hand. */
  send(x: Exchange, back: Responder, scheme: "http" | "https"): void {
    const { requestBody } = x;
    this.#x = x;
    this.#back = back;
    this.#state = "head";
    this.#interims = 0;
    this.inFlight = true;
    this.#isReplayable = requestBody.length === 0 && isSafeMethod(x.request.method);
    this.#opensTunnel = x.upgrade !== "" || x.request.method === "CONNECT";
    x.holder = this;
    x.sent = true;
    const isWhole = requestBody.length === 0 && !this.#opensTunnel;
    const frameAt = this.wire.blocks.request(this.id, x, scheme, isWhole);
    if (isWhole) this.hasSent = true;
    else if (!this.#opensTunnel) {
      this.sender.open(frameAt, requestBody.length);
      requestBody.pipe(this.sender);
    }
  }

  cancel(x: Exchange, failure: Failure): void {
    if (x === this.#x) this.#fail(failure, errorCode.cancel);
  }

  abandon(x: Exchange): void {
    if (x !== this.#x) return;
    this.reset(errorCode.cancel);
    this.#leave()?.finish(x);
  }

  /** The head of an answer, or of an interim one, was read into `fields`. */
  answered(fields: ResponseFields, isTooLarge: boolean, endsStream: boolean): void {
    const x = this.#x;
    if (x === undefined) return;
    if (isTooLarge) return this.#fail(failures["upstream.malformed"], errorCode.cancel);
    const flaw = fields.finish(x);
    if (flaw !== undefined) return this.#fail(responseFieldFailures[flaw], errorCode.protocolError);
    if (fields.status >= 200) return this.#answer(x, fields, endsStream);
    if (endsStream || ++this.#interims > MAX_INTERIMS) return this.#malformed();
    x.interim?.(fields.status, fields.headers);
  }

  /** The trailers of the answer have come. */
  ended(trailers: Headers): void {
    if (this.#x !== undefined) this.#x.trailers = trailers;
    this.endReceived(trailers);
  }

  /** Fails without a word to the endpoint, which has said that it will not look at the stream. */
  refused(): void {
    this.close(ending.ours);
    this.#fail(failures["upstream.refused"], errorCode.cancel);
  }

  wantsMore(): void {
    const x = this.#x;
    if (x === undefined) return;
    if (this.#opensTunnel) x.tunnel.drained();
    else x.requestBody.drained();
  }

  /** All of the answer has reached the caller's side. */
  received(): void {
    if (this.#opensTunnel && this.isOpen && !this.hasSent) return;
    this.#finish();
  }

  sendBroken(failure: Failure | undefined): void {
    this.#fail(failure ?? failures["request.malformed"], codeFor(failure));
  }

  wasReset(code: number): void {
    // RFC 9113 §8.1: the answer was whole, and no more of the request is wanted.
    if (this.hasReceived) return;
    const isUnheard = this.#state === "head" && this.#interims === 0;
    this.#fail(isUnheard ? failureOf(code) : failures["upstream.reset"], 0);
  }

  wasFlawed(): void {
    this.#fail(failures["upstream.malformed"], 0);
  }

  lost(failure: Failure): void {
    this.isOpen = false;
    this.sender.close();
    // What was received whole is still being taken by its caller.
    if (this.hasReceived && this.#state === "body") return;
    const isUnheard = this.#state === "head" && this.#interims === 0;
    this.#fail(isUnheard && this.#isReplayable ? unprocessed : failure, 0);
  }

  protected sentAll(): void {
    if (this.#opensTunnel && this.hasReceived && !this.receiver.isStalled) this.#finish();
  }

  #answer(x: Exchange, fields: ResponseFields, endsStream: boolean): void {
    const { receiver } = this;
    this.wire.guard.streamServed();
    const isBodyless = !this.#opensTunnel && hasNoBody(x.request.method, fields.status);
    const length = isBodyless ? 0 : fields.contentLength;
    if (endsStream && length > 0) return this.#malformed();
    this.#state = "body";
    receiver.expect(length);
    if (endsStream) this.hasReceived = true;
    x.responseBody = endsStream ? noBody : receiver;
    this.#opensTunnel &&= fields.status < 300;
    this.#back?.respond(x);
    if (this.#x !== x) return;
    if (this.#opensTunnel) this.#openTunnel(x);
    if (endsStream) this.#endAnswered();
  }

  /** The caller has heard of it: from here on its bytes are ours. */
  #openTunnel(x: Exchange): void {
    this.sender.open(-1, -1);
    x.tunnel.pipe(this.sender);
  }

  #endAnswered(): void {
    if (this.hasSent) this.close(ending.theirs);
    this.#finish();
  }

  /** The answer is through; what is left of the request is of no use to anybody. */
  #finish(): void {
    const x = this.#x;
    if (x === undefined) return;
    if (this.isOpen && !this.hasSent) this.reset(errorCode.cancel);
    this.#leave()?.finish(x);
  }

  #malformed(): void {
    this.#fail(failures["upstream.malformed"], errorCode.protocolError);
  }

  /** Ends the exchange without a whole answer. */
  #fail(failure: Failure, code: number): void {
    const x = this.#x;
    this.reset(code);
    const sink = this.receiver.release();
    if (x === undefined) return this.wire.host.forgotten(this);
    const wasAnswered = this.#state === "body";
    const back = this.#leave();
    if (wasAnswered) {
      x.broken ??= failure;
      sink?.fail(failure);
    } else {
      x.failure = failure;
      back?.respond(x);
    }
    back?.finish(x);
  }

  /** Lets go of the exchange; returns whom to tell. */
  #leave(): Responder | undefined {
    const x = this.#x;
    const back = this.#back;
    if (x?.holder === this) x.holder = undefined;
    this.#x = undefined;
    this.#back = undefined;
    this.#state = "over";
    this.inFlight = false;
    this.receiver.release();
    this.sender.close();
    this.wire.host.forgotten(this);
    return back;
  }
}
