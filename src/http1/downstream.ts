/** One HTTP/1 connection of a caller: reads its requests, and has them answered one at a time and in order. */
import type { Socket } from "node:net";
import { type Failure, failures } from "../base/failure.ts";
import { CR } from "../http/grammar.ts";
import type { Swept } from "../net/sweeper.ts";
import { type BodyFeeder, BodyReader } from "./body-reader.ts";
import { callerAddress } from "./caller-address.ts";
import { DiscardSink } from "./discard.ts";
import { DownstreamExchange, type ExchangeOwner } from "./downstream-exchange.ts";
import { DownstreamInput } from "./downstream-input.ts";
import type { DownstreamSite } from "./downstream-site.ts";
import { type Flaw, requestFailures } from "./flaw.ts";
import { outBuffer } from "./out-buffer.ts";
import { PartialHead } from "./partial-head.ts";
import { RequestHeadReader } from "./request-head.ts";
import { ResponseWriter, type WriterOwner } from "./response-writer.ts";

/**
 * "head": waits for a request, or for the rest of its head. "busy": an exchange is under way. "draining": it is over,
 * and the rest of its request's body is read and thrown away. "closing": nothing more is read but to let the last
 * answer arrive. "closed": the socket is gone.
 */
type State = "head" | "busy" | "draining" | "closing" | "closed";

export class Http1Downstream implements BodyFeeder, ExchangeOwner, WriterOwner, Swept {
  #state: State = "head";
  /** Monotonic ms at which `check` ends the state. */
  #deadline: number;
  /** Monotonic ms of the first byte of the head that is being read, or -1. */
  #headStartedAt = -1;
  #isPumping = false;
  #drains = false;
  /** The caller has closed its half. */
  #halfClosed = false;
  /** Changes whenever a byte moves. */
  #moved = 0;
  readonly #partial = new PartialHead();
  readonly #discard = new DiscardSink();
  readonly #head: RequestHeadReader;
  readonly #body: BodyReader;
  readonly #input: DownstreamInput;
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
    this.#body = new BodyReader(this, site.settings);
    this.#input = new DownstreamInput(socket);
    this.#writer = new ResponseWriter(socket, this);
    this.#exchange = new DownstreamExchange(site, this.#head, this.#body, this.#writer, this, callerAddress(socket));
    site.sweeper.add(this);
    this.#deadline = site.sweeper.now + site.settings.idleTimeoutMs;
    socket.on("data", (bytes: Buffer) => this.#received(bytes));
    socket.on("drain", () => this.#drained());
    socket.on("end", () => this.#ended());
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.destroy());
  }

  get drains(): boolean {
    return this.#drains;
  }

  /** Takes no request after the one under way, and closes as soon as that is answered. */
  drain(): void {
    this.#drains = true;
    if (this.#state === "head" && this.#headStartedAt < 0) this.#close();
  }

  /** Closes at once; an exchange under way is cancelled, for its caller is gone. */
  destroy(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#site.sweeper.remove(this);
    outBuffer.discard(this.#writer);
    this.#input.clear();
    this.#socket.destroy();
    this.#exchange.cancel(failures["downstream.gone"]);
    this.#closed(this);
  }

  finished(isWhole: boolean): void {
    if (this.#state !== "busy") return;
    if (!isWhole) return this.cut();
    if (!this.#exchange.keepAlive || !this.#exchange.canDrain()) return this.#close();
    if (this.#halfClosed && this.#input.isEmpty) return this.#close();
    if (this.#body.done) this.#nextRequest();
    else this.#startDraining();
    // Not from in here: whoever called may still look at the exchange.
    if (!this.#isPumping && !this.#input.isEmpty) process.nextTick(() => this.#pump());
  }

  cut(): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    if (this.#writer.endsByClose) this.#socket.resetAndDestroy();
    this.#close();
    this.#exchange.cancel(failures["upstream.reset"]);
  }

  wanted(): void {
    this.#pump();
  }

  check(now: number): void {
    if (this.#state === "busy") return this.#checkExchange(now);
    if (now < this.#deadline) return;
    if (this.#state === "head" && this.#headStartedAt >= 0) this.#refuse(failures["request.timeout"]);
    else if (this.#state === "draining") this.#close();
    else this.destroy();
  }

  /** Nobody is waited for without end: not for a body, nor for a caller to take its answer. */
  #checkExchange(now: number): void {
    this.#exchange.checkContinue(now);
    const { settings } = this.#site;
    const moved = this.#socket.bytesRead + this.#socket.bytesWritten - this.#socket.writableLength;
    const awaitsBody = !this.#body.done && this.#body.isFlowing;
    if (moved !== this.#moved || !(awaitsBody || this.#writer.isBlocked || this.#halfClosed)) {
      this.#moved = moved;
      this.#deadline = now + (this.#halfClosed ? settings.halfCloseMs : settings.bodyTimeoutMs);
    }
    if (now < this.#deadline) return;
    if (this.#halfClosed || this.#writer.isBlocked || this.#writer.hasBegun) return this.destroy();
    this.#exchange.keepAlive = false;
    this.#exchange.cancel(failures["request.timeout"]);
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
    this.#halfClosed = true;
    const isCutOff = this.#state === "busy" && !this.#body.done && this.#input.isEmpty;
    if (this.#state !== "busy" || isCutOff) return this.destroy();
    this.#deadline = this.#site.clock.now() + this.#site.settings.halfCloseMs;
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
    // What is left of a caller that says no more is no request.
    if (this.#halfClosed && this.#state === "head" && !this.#writer.isBlocked) this.#close();
  }

  /** Uses some of the input; false: no more of it can be used now. */
  #step(): boolean {
    if (this.#state === "head") return this.#readHead();
    if (this.#state === "busy" || this.#state === "draining") return !this.#body.done && this.#readBody();
    this.#input.clear();
    return false;
  }

  #readHead(): boolean {
    const { bytes, at } = this.#input;
    if (this.#writer.isBlocked) return false;
    if (this.#headStartedAt < 0) {
      this.#headStartedAt = this.#site.clock.now();
      this.#deadline = this.#headStartedAt + this.#site.settings.headTimeoutMs;
    }
    if (bytes[at] === CR && this.#partial.isEmptyLine(bytes, at)) {
      this.#input.at += 2;
      return true;
    }
    const end = this.#partial.end(bytes, at);
    const flaw = end < 0 ? this.#partial.check(bytes, at, this.#site.settings) : this.#head.read(bytes, at, end);
    if (flaw) this.#refuse(requestFailures[flaw]);
    if (flaw || end < 0) return false;
    this.#input.at = end + 4;
    this.#body.open(this.#head.length);
    this.#state = "busy";
    this.#deadline = this.#site.sweeper.now + this.#site.settings.bodyTimeoutMs;
    this.#exchange.dispatch(this.#headStartedAt, this.#input.isEmpty);
    return true;
  }

  #readBody(): boolean {
    const { bytes, at } = this.#input;
    const came = this.#body.feed(bytes, at, bytes.length);
    if (this.#input.bytes === bytes) this.#input.at = came;
    if (this.#body.flaw) return this.#refuseBody(this.#body.flaw);
    if (this.#state === "draining") {
      if (this.#discard.bytes > this.#site.settings.drainBytes) this.#close();
      else if (this.#body.done) this.#nextRequest();
    }
    return came > at;
  }

  /** The request turned out to be malformed in its body, when it was on its way already. */
  #refuseBody(flaw: Flaw): false {
    this.#exchange.keepAlive = false;
    if (this.#exchange.inFlight) this.#exchange.cancel(requestFailures[flaw]);
    else this.#close();
    return false;
  }

  #refuse(failure: Failure): void {
    this.#exchange.refuse(failure);
    this.#close();
  }

  #nextRequest(): void {
    this.#state = "head";
    this.#partial.reset();
    this.#headStartedAt = -1;
    this.#deadline = this.#site.sweeper.now + this.#site.settings.idleTimeoutMs;
    if (this.#drains && this.#input.isEmpty) this.#close();
  }

  #startDraining(): void {
    this.#state = "draining";
    this.#deadline = this.#site.sweeper.now + this.#site.settings.lingerMs;
    this.#discard.bytes = 0;
    this.#body.pipe(this.#discard);
  }

  /** Says that nothing more comes, and reads on for a while: a reset would take the answer from the caller's hands. */
  #close(): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#state = "closing";
    this.#deadline = this.#site.clock.now() + this.#site.settings.lingerMs;
    this.#input.clear();
    this.#input.settle();
    this.#socket.end();
  }
}
