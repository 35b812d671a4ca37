/** One HTTP/1 connection to an endpoint: one exchange at a time. */
import type { Socket } from "node:net";
import { type Failure, failures } from "../base/failure.ts";
import { noBody } from "../http/body.ts";
import type { Exchange, Holder, Responder } from "../http/exchange.ts";
import { fail } from "../http/filter.ts";
import type { Connection, ConnectionOwner, Status } from "../http/transport.ts";
import { type BodyFeeder, BodyReader } from "./body-reader.ts";
import { type Flaw, responseFailures } from "./flaw.ts";
import type { HeadLimits } from "./limits.ts";
import { Replay, unprocessed } from "./replay.ts";
import { RequestWriter, type RequestWriterOwner } from "./request-writer.ts";
import { ResponseHeadReader } from "./response-head.ts";
import { isUpgradeServed, prepareHandshake } from "./upgrade.ts";
import { type InputUser, UpstreamInput } from "./upstream-input.ts";

/**
 * "idle": can take an exchange. "head": waits for the head of an answer. "body": the answer was given, its body is to
 * come. "tunnel": bytes go both ways. "over": both bodies are through. "closed": the socket is gone.
 */
type State = "idle" | "head" | "body" | "tunnel" | "over" | "closed";

export class Http1Connection implements Connection, Holder, BodyFeeder, RequestWriterOwner, InputUser {
  #state: State = "idle";
  #x: Exchange | undefined = undefined;
  #back: Responder | undefined = undefined;
  #keepAlive = true;
  /** The endpoint has closed its half. */
  #hasEnded = false;
  readonly #replay = new Replay();
  readonly #head: ResponseHeadReader;
  readonly #body: BodyReader;
  readonly #writer: RequestWriter;
  readonly #input: UpstreamInput;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #bug: (error: unknown) => void;

  /** Takes over a connected socket whose bytes go to `received`. */
  constructor(socket: Socket, owner: ConnectionOwner, limits: HeadLimits, bug: (error: unknown) => void) {
    this.#socket = socket;
    this.#owner = owner;
    this.#bug = bug;
    this.#head = new ResponseHeadReader(limits);
    this.#body = new BodyReader(this, limits);
    this.#writer = new RequestWriter(socket, this);
    this.#input = new UpstreamInput(socket, this);
    socket.on("drain", () => this.#drained());
    socket.on("end", () => this.#ended());
    for (const event of ["error", "close"]) socket.on(event, () => this.#fail(this.#replay.loss));
  }

  get status(): Status {
    return this.#state === "closed" ? "closed" : this.#state === "idle" ? "open" : "busy";
  }

  get free(): number {
    return this.#state === "idle" ? 1 : 0;
  }

  send(x: Exchange, back: Responder): void {
    if (this.#state !== "idle") return fail(back, x, unprocessed);
    if (!isUpgradeServed(x.upgrade)) {
      fail(back, x, failures["upstream.no_upgrade"]);
      return this.#owner.freed(this);
    }
    x.holder = this;
    this.#x = x;
    this.#back = back;
    this.#state = "head";
    this.#head.begin(x.request.method, x.upgrade, x.upgrade === "websocket" ? prepareHandshake(x.request) : "");
    this.#replay.begin(x);
    // What answers to HTTP/1.0 is done with the connection, whatever version it writes.
    this.#keepAlive = x.request.version !== 10;
    x.sent = true;
    this.#writer.send(x);
  }

  cancel(x: Exchange, failure: Failure): void {
    if (x === this.#x) this.#fail(failure);
  }

  abandon(x: Exchange): void {
    if (x !== this.#x) return;
    this.#state = "closed";
    this.#leave()?.finish(x);
    this.#owner.closed(this);
  }

  requestBroken(failure: Failure | undefined): void {
    this.#fail(failure ?? failures["request.malformed"]);
  }

  tunnelSent(): void {
    if (this.#state === "tunnel" && this.#body.done) this.#answered(false);
  }

  /** `bytes` are borrowed until it returns. */
  received(bytes: Buffer): void {
    if (this.#state === "closed") return;
    // Nobody asked: whatever this is, it must not become the next one's answer.
    if (this.#state === "idle") return this.#fail(this.#replay.loss);
    this.#replay.heard();
    this.#input.push(bytes);
    this.#checkEnd();
  }

  wanted(): void {
    this.#input.again();
    this.#checkEnd();
  }

  get isStalled(): boolean {
    return this.#state === "body" || this.#state === "tunnel";
  }

  use(bytes: Buffer): number {
    try {
      return this.#use(bytes);
    } catch (error) {
      this.#bug(error);
      this.#fail(failures.internal);
      return bytes.length;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#fail(failures["upstream.reset"]);
    return Promise.resolve();
  }

  /** Returns the position up to which `bytes` were used. */
  #use(bytes: Buffer): number {
    let at = 0;
    do {
      if (this.#state === "head") {
        const came = this.#readHead(bytes, at);
        if (came < 0) return at;
        at = came;
        if (at === bytes.length) this.#body.settle();
      } else if (this.isStalled) {
        const came = this.#body.feed(bytes, at, bytes.length);
        if (this.#body.flaw) return this.#refuse(this.#body.flaw, bytes);
        if (came === at && !this.#body.done) return at;
        at = came;
      } else return bytes.length;
      // A byte too many: this connection can no more be trusted.
      if (this.#state === "body" && this.#body.done) this.#answered(at === bytes.length);
    } while (at < bytes.length);
    return at;
  }

  /** The position behind the head, or -1 where it is not whole. */
  #readHead(bytes: Buffer, at: number): number {
    const came = this.#head.next(bytes, at);
    if (typeof came === "string") return this.#refuse(came, bytes);
    if (came < 0) return -1;
    if (this.#head.opensTunnel) this.#openTunnel();
    else if (this.#head.status >= 200) this.#answer("body");
    else this.#x?.interim?.(this.#head.status, this.#head.headers);
    return came;
  }

  /** The caller hears of it first: its side begins to take bytes when it does. */
  #openTunnel(): void {
    const x = this.#answer("tunnel");
    if (this.#x === x) this.#writer.tunnel(x.tunnel);
  }

  #answer(next: "body" | "tunnel"): Exchange {
    const x = this.#x as Exchange;
    this.#head.fill(x.response);
    this.#body.open(this.#head.length, x);
    x.responseBody = this.#head.length === 0 ? noBody : this.#body;
    this.#keepAlive &&= this.#head.keepAlive;
    this.#state = next;
    this.#back?.respond(x);
    return x;
  }

  /** The whole answer was delivered. */
  #answered(isClean: boolean): void {
    const x = this.#x as Exchange;
    const stays = isClean && this.#keepAlive && this.#writer.hasEnded && !this.#hasEnded;
    this.#replay.served();
    this.#state = stays ? "over" : "closed";
    this.#leave()?.finish(x);
    if (this.#state === "over") {
      this.#state = "idle";
      this.#owner.freed(this);
    } else if (!stays) this.#owner.closed(this);
  }

  #refuse(flaw: Flaw, bytes: Buffer): number {
    this.#fail(responseFailures[flaw]);
    return bytes.length;
  }

  /** Closes, and ends the exchange, if there is one, without a whole answer. */
  #fail(failure: Failure): void {
    if (this.#state === "closed") return;
    const x = this.#x;
    const sink = this.#body.release();
    const wasAnswered = this.isStalled;
    // An end would look as if all had been said.
    if (this.#state === "tunnel") this.#socket.resetAndDestroy();
    this.#state = "closed";
    const back = this.#leave();
    if (x) {
      x[wasAnswered ? "broken" : "failure"] = failure;
      if (wasAnswered) sink?.fail(failure);
      else back?.respond(x);
      back?.finish(x);
    }
    this.#owner.closed(this);
  }

  /** Lets go of the exchange; a connection that is closed by now loses its socket. Returns whom to tell. */
  #leave(): Responder | undefined {
    const x = this.#x;
    const back = this.#back;
    if (x?.holder === this) x.holder = undefined;
    this.#x = undefined;
    this.#back = undefined;
    if (this.#state === "closed") {
      this.#writer.stop();
      this.#body.release();
      this.#input.clear();
      this.#socket.destroy();
    }
    return back;
  }

  #drained(): void {
    const body = this.#state === "tunnel" ? this.#x?.tunnel : this.#x?.requestBody;
    if (this.#writer.unblock() && !this.#writer.hasEnded) body?.drained();
  }

  #ended(): void {
    this.#hasEnded = true;
    this.#checkEnd();
  }

  /** Acts on the endpoint's having closed its half, once everything that came before was used. */
  #checkEnd(): void {
    if (!this.#hasEnded || this.#state === "closed" || (this.isStalled && !this.#input.isEmpty)) return;
    if (!this.isStalled || !this.#body.closed()) this.#fail(this.#replay.loss);
    else if (this.#state === "body" || this.#writer.hasEnded) this.#answered(false);
  }
}
