/** One HTTP/2 connection to an endpoint: as many exchanges at a time as that takes. */
import type { Socket } from "node:net";
import { asRetryable, failure, failures } from "../base/failure.ts";
import type { Exchange, Responder } from "../http/exchange.ts";
import { fail } from "../http/filter.ts";
import type { Connection, ConnectionOwner, Status } from "../http/transport.ts";
import type { Swept } from "../net/sweeper.ts";
import { schemeOf } from "../net/tls-peer.ts";
import { errorCode } from "./error-code.ts";
import { MAX_STREAM_ID } from "./frame.ts";
import { ParkedTunnels } from "./parked-tunnels.ts";
import { ResponseFields } from "./response-fields.ts";
import { Session } from "./session.ts";
import type { WireHost, WireStream } from "./wire.ts";
import { StreamPool } from "./stream-pool.ts";
import { TrailerFields } from "./trailer-fields.ts";
import type { Http2TransportOptions } from "./upstream-options.ts";
import { UpstreamStream } from "./upstream-stream.ts";

/** Streams that are opened before the endpoint has said how many it takes (RFC 9113 §6.5.2 advises no less). */
const STREAMS_AT_FIRST = 100;

/** The failure of what was not sent. */
const unsent = asRetryable(failures["upstream.reset"]);
const noTunnels = failure("upstream.no_upgrade", "The endpoint makes no tunnels over HTTP/2.");

/** Scratch of this thread. */
const pool = new StreamPool(() => new UpstreamStream());

export class Http2Connection implements Connection, Swept, WireHost {
  readonly isServer = false;
  #nextId = 1;
  /** No more streams are opened. */
  #isGoing = false;
  /** Whether the pool was told that the connection takes nothing. */
  #isFull = false;
  #isGone = false;
  #frames = 0;
  /** Monotonic ms of the last tick in which a frame had come. */
  #heardAt: number;
  #closingSince = -1;
  readonly #tunnels = new ParkedTunnels();
  readonly #fields = new ResponseFields();
  readonly #trailers = new TrailerFields();
  readonly #retired: UpstreamStream[] = [];
  readonly #session: Session;
  readonly #scheme: "http" | "https";
  readonly #owner: ConnectionOwner;
  readonly #options: Http2TransportOptions;

  /** Takes over a connected socket whose bytes go to `received`. */
  constructor(socket: Socket, owner: ConnectionOwner, options: Http2TransportOptions) {
    const { settings, clock, sweeper, bug } = options;
    this.#owner = owner;
    this.#options = options;
    this.#scheme = schemeOf(socket);
    this.#session = new Session(socket, settings, this, bug);
    this.#heardAt = clock.now();
    this.#session.writer.preface();
    this.#session.control.begin(clock.now());
    sweeper.add(this);
    for (const event of ["end", "error", "close"]) socket.on(event, () => this.destroy());
  }

  get status(): Status {
    if (this.#session.state !== "open") return "closed";
    return this.#isGoing ? "busy" : "open";
  }

  get free(): number {
    if (this.#isGoing || this.#session.state !== "open") return 0;
    const { peer, control, settings, streams } = this.#session;
    const limit = control.hasSettings ? peer.maxConcurrentStreams : STREAMS_AT_FIRST;
    return Math.max(0, Math.min(limit, settings.maxStreams) - streams.size - this.#tunnels.size);
  }

  send(x: Exchange, back: Responder): void {
    if (this.free <= 0) return fail(back, x, unsent);
    if (x.upgrade !== "" && !this.#session.control.hasSettings) this.#tunnels.park(x, back);
    else this.#send(x, back);
    if (this.free <= 0) this.#isFull = true;
  }

  /** `bytes` are borrowed until it returns. */
  received(bytes: Buffer): void {
    this.#session.read(bytes);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#leave();
    return Promise.resolve();
  }

  /** Closes at once. */
  destroy(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#options.sweeper.remove(this);
    this.#session.destroy();
  }

  check(now: number): void {
    const { state, control, frames, settings } = this.#session;
    if (state !== "open") {
      if (this.#closingSince < 0) this.#closingSince = now;
      else if (now - this.#closingSince >= settings.lingerMs) this.destroy();
      return;
    }
    control.check(now);
    if (frames !== this.#frames) {
      this.#frames = frames;
      this.#heardAt = now;
    } else if (now - this.#heardAt >= settings.pingAfterMs) control.ping(now);
  }

  isIdle(id: number): boolean {
    return id % 2 === 0 || id >= this.#nextId;
  }

  headers(id: number, block: Buffer, from: number, to: number, endsStream: boolean): void {
    const session = this.#session;
    const stream = session.streams.get(id) as UpstreamStream | undefined;
    if (stream === undefined) {
      if (this.isIdle(id)) return session.fail(errorCode.protocolError, "HEADERS on a stream that was not opened");
      if (this.#session.decode(block, from, to) !== "compression") session.control.stray(id, true);
    } else if (stream.hasReceived) {
      if (this.#session.decode(block, from, to) !== "compression") session.streamError(stream, errorCode.streamClosed);
    } else if (stream.takesData) this.#readTrailers(stream, block, from, to, endsStream);
    else {
      this.#fields.reset();
      const outcome = this.#session.decode(block, from, to, this.#fields);
      if (outcome !== "compression") stream.answered(this.#fields, outcome === "too-large", endsStream);
    }
  }

  settled(): void {
    const { enablesConnect } = this.#session.peer;
    if (!enablesConnect) this.#tunnels.failAll(noTunnels);
    else if (this.#tunnels.size > 0) this.#tunnels.release((x, back) => this.#send(x, back));
    this.#tellFree();
  }

  goingAway(lastId: number): void {
    this.#isGoing = true;
    this.#tunnels.failAll(unsent);
    for (const stream of this.#session.streams.values()) {
      if (stream.id > lastId) (stream as UpstreamStream).refused();
    }
    this.#session.out.wake();
  }

  ponged(): void {
    // Its frame was counted.
  }

  ended(): void {
    const lost = failures[this.#session.hasFailed ? "upstream.malformed" : "upstream.reset"];
    const streams = [...this.#session.streams.values()];
    this.#session.streams.clear();
    for (const stream of streams) stream.lost(lost);
    this.#tunnels.failAll(unsent);
    this.#owner.closed(this);
  }

  forgotten(stream: WireStream): void {
    if (!stream.isOpen) this.#tellFree();
    if (!stream.retires()) return;
    this.#retired.push(stream as UpstreamStream);
    this.#session.out.wake();
  }

  turnEnded(): void {
    const retired = this.#retired;
    for (let at = 0; at < retired.length; at++) pool.give(retired[at] as UpstreamStream);
    retired.length = 0;
    if (this.#isGoing && this.#session.streams.size === 0) this.#leave();
  }

  /** Says goodbye: there are endpoints that do not understand the end of a connection alone. */
  #leave(): void {
    if (this.#session.state !== "open") return;
    this.#session.writer.goaway(0, errorCode.noError);
    this.#session.end();
  }

  #send(x: Exchange, back: Responder): void {
    const session = this.#session;
    if (x.upgrade !== "" && !session.peer.enablesConnect) return fail(back, x, noTunnels);
    const id = this.#nextId;
    this.#nextId += 2;
    if (this.#nextId > MAX_STREAM_ID) this.#isGoing = true;
    const stream = pool.take();
    stream.open(session, id);
    stream.send(x, back, this.#scheme);
  }

  #readTrailers(stream: UpstreamStream, block: Buffer, from: number, to: number, endsStream: boolean): void {
    const trailers = this.#trailers;
    trailers.reset();
    const outcome = this.#session.decode(block, from, to, trailers);
    if (outcome === "compression") return;
    const isGood = endsStream && outcome === undefined && trailers.finish() === undefined;
    if (isGood) stream.ended(trailers.trailers);
    else this.#session.streamError(stream, errorCode.protocolError);
  }

  #tellFree(): void {
    const wasFull = this.#isFull;
    this.#isFull = this.free <= 0;
    if (wasFull && !this.#isFull) this.#owner.freed(this);
  }
}
