/** The exchange of one HTTP/1 connection of a caller, used for one request after the other: its upper end. */
import type { Socket } from "node:net";
import { type Failure, failures } from "../base/failure.ts";
import { opensTunnel } from "../http/answer-body.ts";
import { noBody } from "../http/body.ts";
import { BytesBody, errorResponse } from "../http/error-response.ts";
import { Exchange, type Responder } from "../http/exchange.ts";
import { HeaderList } from "../http/header-list.ts";
import type { Headers } from "../http/headers.ts";
import { LateContinue } from "../http/late-continue.ts";
import { stripHopByHop } from "../http/hygiene.ts";
import { reasonOf } from "../http/status.ts";
import type { BodyReader } from "./body-reader.ts";
import { identifyCaller } from "./caller-address.ts";
import type { DownstreamSite } from "./downstream-site.ts";
import { UNSAID } from "./framing.ts";
import type { RequestHeadReader } from "./request-head.ts";
import type { ResponseWriter } from "./response-writer.ts";
import { completeHandshake, handshakeKey } from "./upgrade.ts";

/** The connection that the exchange belongs to. */
export interface ExchangeOwner {
  /** The exchange under way is over; `isWhole` tells whether the caller got all of an answer. */
  finished(isWhole: boolean): void;
  /** The exchange under way has become a tunnel. */
  switched(): void;
  /** Whether the connection shall take no further request. */
  readonly drains: boolean;
}

export class DownstreamExchange implements Responder {
  inFlight = false;
  /** Whether the connection can take another request after this one. */
  keepAlive = true;
  readonly #continue = new LateContinue();
  /** Of the handshake of a WebSocket. */
  #key = "";
  readonly #x: Exchange;
  readonly #site: DownstreamSite;
  readonly #head: RequestHeadReader;
  readonly #body: BodyReader;
  readonly #writer: ResponseWriter;
  readonly #owner: ExchangeOwner;

  constructor(
    site: DownstreamSite,
    head: RequestHeadReader,
    body: BodyReader,
    writer: ResponseWriter,
    owner: ExchangeOwner,
    socket: Socket,
  ) {
    this.#site = site;
    this.#head = head;
    this.#body = body;
    this.#writer = writer;
    this.#owner = owner;
    this.#x = new Exchange(
      { version: 11, method: "", target: "", headers: head.headers },
      { version: 11, status: 0, reason: "", headers: new HeaderList() },
      site.layout,
    );
    this.#x.downstream = this;
    this.#x.interim = (status, headers) => this.#interim(status, headers);
    identifyCaller(this.#x, socket);
  }

  /** Sends what `head` has read on its way. `awaitsBody`: nothing of a body has come with it. */
  dispatch(startedAt: number, awaitsBody: boolean): void {
    const x = this.#x;
    const head = this.#head;
    x.request.version = head.version;
    x.request.method = head.method;
    x.request.target = head.target;
    x.requestBody = head.length === 0 ? noBody : this.#body;
    if (head.upgrade === "websocket" || head.method === "CONNECT") this.#offerTunnel(x);
    x.startedAt = startedAt;
    this.#writer.reset();
    this.keepAlive = head.keepAlive;
    this.inFlight = true;
    this.#continue.reset();
    if (head.awaitsContinue && awaitsBody) this.#continue.expect(startedAt + this.#site.settings.continueAfterMs);
    try {
      this.#site.service.dispatch(x);
    } catch (error) {
      this.#bug(error);
    }
  }

  respond(x: Exchange): void {
    if (!this.inFlight || this.#writer.hasBegun) return;
    const { failure } = x;
    if (failure !== undefined) {
      // Nobody is there to be answered.
      if (failure.status === 0) return;
      // A failure that no filter has made an answer of.
      if (!(x.responseBody instanceof BytesBody)) x.responseBody = errorResponse(x.response, failure);
    }
    if (failure === undefined && opensTunnel(x)) return this.#openTunnel(x);
    const stays = this.keepAlive && !this.#owner.drains && (failure === undefined || this.canDrain());
    this.keepAlive = this.#writer.head(x.response, this.#head, x.responseBody.length, stays);
    // The head waits for what its source has at hand, so that a small answer leaves in one write.
    x.responseBody.pipe(this.#writer);
  }

  finish(x: Exchange): void {
    if (!this.inFlight) return;
    this.inFlight = false;
    this.#continue.cease();
    x.reset(this.#site.layout);
    this.#owner.finished(this.#writer.hasEnded);
  }

  /** Whoever holds the exchange lets it go; `finish` has been heard when it returns, if anybody did. */
  cancel(failure: Failure): void {
    if (!this.inFlight) return;
    if (this.#x.holder) this.#x.cancel(failure);
    else this.#body.release()?.fail(failure);
  }

  /** As `cancel`, and the connection takes no other request. */
  breakOff(failure: Failure): void {
    this.keepAlive = false;
    this.cancel(failure);
  }

  /**
   * Answers a request that could not be dispatched; one that `asksForHead` without content (RFC 9110 §9.3.2). The
   * connection is to be closed then.
   */
  refuse(failure: Failure, asksForHead: boolean): void {
    const { response, remoteAddress } = this.#x;
    const body = errorResponse(response, failure);
    this.#writer.reset();
    this.#writer.head(response, { version: 11, method: asksForHead ? "HEAD" : "GET" }, body.length, false);
    body.pipe(this.#writer);
    this.#site.refused?.(failure.status, failure.code, remoteAddress);
  }

  /** The socket takes more of the answer. */
  drained(): void {
    if (this.inFlight && this.#writer.hasBegun) this.#x.responseBody.drained();
  }

  /** Whether what is left of the request's body is, or may be, little enough to be read for nothing. */
  canDrain(): boolean {
    if (this.#body.done) return true;
    // Nobody can tell whether a caller that still waits for its 100 will send the body now (RFC 9110 §10.1.1).
    if (this.#head.awaitsContinue && !this.#body.started) return false;
    return this.#body.length <= this.#site.settings.drainBytes;
  }

  /** Gives a caller that waits its 100 where the endpoint is late with it. */
  checkContinue(now: number): void {
    if (!this.#continue.isDue(now, this.#body.started || this.#writer.hasBegun)) return;
    this.#writer.interim(100, reasonOf(100), new HeaderList());
  }

  #interim(status: number, headers: Headers): void {
    if (!this.inFlight || this.#head.version === 10) return;
    if (!this.#continue.passes(status)) return;
    stripHopByHop(headers);
    this.#writer.interim(status, reasonOf(status), headers);
  }

  #offerTunnel(x: Exchange): void {
    x.tunnel = this.#body;
    if (this.#head.upgrade !== "websocket") return;
    x.upgrade = "websocket";
    this.#key = handshakeKey(this.#head.headers);
  }

  /** From here on the body is what the caller sends. */
  #openTunnel(x: Exchange): void {
    this.keepAlive = false;
    if (x.response.status === 101) completeHandshake(x.response.headers, this.#key);
    this.#writer.tunnel(x.response, x.upgrade);
    this.#body.open(UNSAID);
    this.#owner.switched();
    x.responseBody.pipe(this.#writer);
  }

  /** A defect threw: the caller gets its 500, and the process lives. */
  #bug(error: unknown): void {
    this.#site.bug(error);
    this.keepAlive = false;
    if (!this.inFlight) return;
    const x = this.#x;
    if (x.holder) return x.cancel(failures.internal);
    x.failure = failures.internal;
    x.responseBody = noBody;
    this.respond(x);
    this.finish(x);
  }
}
