/** One HTTP/1 connection of a caller: reads its requests, and has them answered one at a time and in order. */
import type { Socket } from "node:net";
import { type Failure, failures } from "../base/failure.ts";
import type { Accepted } from "../net/listener.ts";
import { onBytes } from "../net/caller-socket.ts";
import type { Swept } from "../net/sweeper.ts";
import { type BodyFeeder, BodyReader } from "./body-reader.ts";
import { DiscardSink } from "./discard.ts";
import { DownstreamExchange, type ExchangeOwner } from "./downstream-exchange.ts";
import { DownstreamInput } from "./downstream-input.ts";
import type { DownstreamSite } from "./downstream-site.ts";
import { requestFailures } from "./flaw.ts";
import type { DownstreamState } from "./downstream-state.ts";
import { HeadIntake } from "./head-intake.ts";
import { type Awaiting, Patience } from "./patience.ts";
import { RequestHeadReader } from "./request-head.ts";
import { ResponseWriter, type WriterOwner } from "./response-writer.ts";

export class Http1Downstream implements BodyFeeder, ExchangeOwner, WriterOwner, Swept, Awaiting {
  #state: DownstreamState = "head";
  #isPumping = false;
  drains = false;
  /** The caller has closed its half. */
  isHalfClosed = false;
  /** Who has taken the socket over. */
  #successor: Accepted | undefined;
  readonly #discard = new DiscardSink();
  readonly #head: RequestHeadReader;
  readonly #intake: HeadIntake;
  readonly #body: BodyReader;
  readonly #input: DownstreamInput;
  readonly #patience: Patience;
  readonly #writer: ResponseWriter;
  readonly #exchange: DownstreamExchange;
  readonly #socket: Socket;
  readonly #site: DownstreamSite;
  readonly #closed: (connection: Http1Downstream) => void;

  /** Takes the socket (made with `allowHalfOpen`) over; `closed` is called once, when it is gone. */
  constructor(socket: Socket, site: DownstreamSite, closed: (connection: Http1Downstream) => void) {
    this.#socket = socket;
    this.#site = site;
    this.#closed = closed;
    this.#head = new RequestHeadReader(site.settings);
    this.#intake = new HeadIntake(this.#head, site.settings);
    this.#body = new BodyReader(this, site.settings);
    this.#input = new DownstreamInput(socket);
    this.#writer = new ResponseWriter(socket, this);
    this.#exchange = new DownstreamExchange(site, this.#head, this.#body, this.#writer, this, socket);
    site.sweeper.add(this);
    this.#patience = new Patience(socket, site.settings, site.sweeper.now);
    onBytes(socket, (bytes) => this.#received(bytes));
    socket.on("drain", () => this.#drained());
    socket.on("end", () => this.#ended());
    for (const event of ["error", "close"]) socket.on(event, () => this.destroy());
  }

  /** Takes no request after the one under way, or after one that may be on its way, and closes when that is answered. */
  drain(): void {
    this.drains = true;
    this.#successor?.drain();
    if (this.#isIdle) this.#patience.awaitRequest(this.#site.clock.now(), true);
  }

  /** Closes at once; an exchange under way is cancelled, for its caller is gone. */
  destroy(): void {
    if (this.#state === "closed") return this.#successor?.destroy();
    this.#state = "closed";
    this.#site.sweeper.remove(this);
    this.#writer.discard();
    this.#input.clear();
    if (this.#writer.isOpenEnded) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
    this.#exchange.cancel(failures["downstream.gone"]);
    this.#closed(this);
  }

  finished(isWhole: boolean): void {
    if (this.#state !== "busy" && this.#state !== "tunnel") return;
    if (!isWhole) return this.cut(this.#writer.isOpenEnded);
    if (!this.#exchange.keepAlive || !this.#exchange.canDrain()) return this.#close();
    if (this.isHalfClosed && this.#input.isEmpty) return this.#close();
    if (this.#body.done) this.#nextRequest();
    else this.#startDraining();
    // Not from in here: whoever called may still look at the exchange.
    if (!this.#isPumping && !this.#input.isEmpty) process.nextTick(() => this.#pump());
  }

  cut(isOpenEnded: boolean): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    if (isOpenEnded) this.#socket.resetAndDestroy();
    this.#close();
    this.#exchange.cancel(failures["upstream.reset"]);
  }

  switched(): void {
    this.#state = "tunnel";
    this.#patience.start(this.#site.sweeper.now);
  }

  wanted(): void {
    this.#pump();
  }

  check(now: number): void {
    if (this.#state === "busy") this.#exchange.checkContinue(now);
    if (!this.#patience.isOver(this.#state, now, this)) return;
    if (this.#state === "busy") return this.#giveUp();
    if (this.#state === "head" && !this.#isIdle) this.#refuse(failures["request.timeout"]);
    else if (this.#state === "draining" || (this.#isIdle && this.drains)) this.#close();
    else this.destroy();
  }

  /** Waits for a request of which nothing has come. */
  get #isIdle(): boolean {
    return this.#state === "head" && this.#intake.startedAt < 0;
  }

  get awaitsBytes(): boolean {
    return this.#writer.isBlocked || (!this.#body.done && this.#body.isFlowing);
  }

  /** The caller of the exchange under way is too slow. */
  #giveUp(): void {
    if (this.isHalfClosed || this.#writer.isBlocked || this.#writer.hasBegun) return this.destroy();
    this.#exchange.breakOff(failures["request.timeout"]);
  }

  #received(bytes: Buffer): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#input.push(bytes);
    this.#pump();
  }

  #drained(): void {
    this.#writer.unblock();
    this.#exchange.drained();
    this.#pump();
  }

  /** The caller has closed its half. It may still read, so what is under way goes on while bytes move. */
  #ended(): void {
    this.isHalfClosed = true;
    if (this.#state === "tunnel") return this.#pump();
    const isCutOff = this.#state === "busy" && !this.#body.done && this.#input.isEmpty;
    if (this.#state !== "busy" || isCutOff) return this.destroy();
    this.#patience.start(this.#site.clock.now());
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (!this.#input.isEmpty && this.#step());
    } finally {
      this.#isPumping = false;
    }
    this.#body.settle();
    this.#input.settle();
    if (!this.isHalfClosed) return;
    if (this.#state === "tunnel" && this.#input.isEmpty) this.#body.closed();
    // What is left of a caller that says no more is no request.
    if (this.#state === "head" && !this.#writer.isBlocked) this.#close();
  }

  /** Uses some of the input; false: no more of it can be used now. */
  #step(): boolean {
    if (this.#state === "head") return this.#readHead();
    if (this.#state !== "closing" && this.#state !== "closed") return !this.#body.done && this.#readBody();
    this.#input.clear();
    return false;
  }

  #readHead(): boolean {
    if (this.#writer.isBlocked) return false;
    if (this.#intake.startedAt < 0) {
      this.#intake.startedAt = this.#site.clock.now();
      this.#patience.awaitHead(this.#intake.startedAt);
    }
    const came = this.#intake.take(this.#input);
    if (typeof came === "string") this.#refuse(requestFailures[came]);
    if (came !== true) return false;
    if (this.#head.upgrade === "h2c" && this.#isTakenOver()) return false;
    this.#body.open(this.#head.length);
    this.#state = "busy";
    if (this.#head.length === 0) this.#patience.startLater();
    else this.#patience.start(this.#site.sweeper.now);
    this.#exchange.dispatch(this.#intake.startedAt, this.#input.isEmpty);
    return true;
  }

  /** Leaves the connection to whoever speaks HTTP/2 on it from here on, with the bytes that came behind the head. */
  #isTakenOver(): boolean {
    this.#writer.leave();
    this.#successor = this.#site.upgradeToH2?.(this.#socket, this.#head, this.#input.copy(), () => this.#closed(this));
    if (this.#successor === undefined) return false;
    this.#state = "closed";
    this.#input.clear();
    this.#site.sweeper.remove(this);
    return true;
  }

  #readBody(): boolean {
    const { bytes, at } = this.#input;
    const came = this.#body.feed(bytes, at, bytes.length);
    if (this.#input.bytes === bytes) this.#input.at = came;
    if (this.#body.flaw) return this.#refuseBody(requestFailures[this.#body.flaw]);
    if (this.#state === "draining") {
      if (this.#discard.bytes > this.#site.settings.drainBytes) this.#close();
      else if (this.#body.done) this.#nextRequest();
    }
    return came > at;
  }

  /** The request turned out to be malformed in its body, when it was on its way already. */
  #refuseBody(failure: Failure): false {
    if (this.#exchange.inFlight) this.#exchange.breakOff(failure);
    else this.#close();
    return false;
  }

  #refuse(failure: Failure): void {
    this.#exchange.refuse(failure, this.#input.asksForHead);
    this.#close();
  }

  #nextRequest(): void {
    this.#state = "head";
    this.#intake.reset();
    this.#patience.awaitRequest(this.#site.sweeper.now, this.drains);
  }

  #startDraining(): void {
    this.#state = "draining";
    this.#patience.start(this.#site.sweeper.now, this.#site.settings.lingerMs);
    this.#discard.bytes = 0;
    this.#body.pipe(this.#discard);
  }

  /** Says that nothing more comes, and reads on for a while: a reset would take the answer from the caller's hands. */
  #close(): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#state = "closing";
    this.#patience.start(this.#site.clock.now(), this.#site.settings.lingerMs);
    this.#input.clear();
    this.#input.settle();
    this.#writer.leave();
    this.#socket.end();
  }
}
