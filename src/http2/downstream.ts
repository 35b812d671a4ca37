/** One HTTP/2 connection of a caller: opens a stream for each request, and has them answered side by side. */
import type { Socket } from "node:net";
import { failures } from "../base/failure.ts";
import type { Proof } from "../base/certificates.ts";
import type { Headers } from "../http/headers.ts";
import { callerAddress } from "../net/caller-address.ts";
import { onBytes } from "../net/caller-socket.ts";
import type { Accepted } from "../net/listener.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Swept } from "../net/sweeper.ts";
import { proofFor } from "../net/tls-peer.ts";
import { ending } from "./closed-streams.ts";
import type { Http2Site } from "./downstream-site.ts";
import { DownstreamLife } from "./downstream-life.ts";
import { DownstreamStream } from "./downstream-stream.ts";
import { errorCode } from "./error-code.ts";
import { requestFieldFailures } from "./field-flaw.ts";
import { cost } from "./flood-guard.ts";
import { PREFACE } from "./frame.ts";
import { RequestFields } from "./request-fields.ts";
import { Session } from "./session.ts";
import type { WireHost, WireStream } from "./wire.ts";
import { StreamPool } from "./stream-pool.ts";
import { TrailerFields } from "./trailer-fields.ts";

/** Of each server, used by all of its connections. */
const pools = new WeakMap<Http2Site, StreamPool<DownstreamStream>>();

function poolOf(site: Http2Site): StreamPool<DownstreamStream> {
  const found = pools.get(site);
  if (found !== undefined) return found;
  const made = new StreamPool(() => new DownstreamStream(site));
  pools.set(site, made);
  return made;
}

export class Http2Downstream implements Accepted, Swept, WireHost {
  readonly isServer = true;
  readonly #session: Session;
  readonly #life: DownstreamLife;
  readonly #fields = new RequestFields();
  readonly #trailers = new TrailerFields();
  readonly #retired: DownstreamStream[] = [];
  /** Bytes of the preface that have come. */
  #prefaced = 0;
  /** The highest stream that came too late to be served. */
  #passedOver = 0;
  #isGone = false;
  readonly #socket: Socket;
  readonly #remoteAddress: string;
  readonly #proof: Proof | undefined;
  readonly #site: Http2Site;
  readonly #pool: StreamPool<DownstreamStream>;
  readonly #closed: (connection: Http2Downstream) => void;

  /** Takes the socket over; `closed` is called once, when it is gone. */
  constructor(socket: Socket, site: Http2Site, closed: (connection: Http2Downstream) => void) {
    this.#site = site;
    this.#pool = poolOf(site);
    this.#closed = closed;
    this.#socket = socket;
    this.#remoteAddress = callerAddress(socket);
    this.#proof = proofFor(socket);
    this.#session = new Session(socket, site.settings, this, site.bug);
    this.#life = new DownstreamLife(this.#session, site.clock.now());
    this.#session.control.begin(site.clock.now());
    site.sweeper.add(this);
    onBytes(socket, (bytes) => this.received(bytes));
    for (const event of ["end", "error", "close"]) socket.on(event, () => this.destroy());
  }

  /** `bytes` are borrowed until it returns. */
  received(bytes: Buffer): void {
    const at = this.#prefaced === PREFACE.length ? 0 : this.#readPreface(bytes);
    if (at < bytes.length) this.#session.read(bytes, at);
  }

  /** Serves a request that came by HTTP/1, with the caller's `settings`, as that of the first stream. */
  serveFirst(method: string, target: string, headers: Headers, settings: Buffer): void {
    const session = this.#session;
    session.peer.read(settings, 0, settings.length);
    session.blocks.limit(session.peer.headerTableSize);
    session.lastPeerId = 1;
    const stream = this.#newStream(1);
    Object.assign(stream.x.request, { version: 20, method, target, headers });
    stream.dispatch(0, true);
  }

  /** Tells the caller to open no more streams, and closes when those that it has opened are answered. */
  drain(): void {
    this.#life.drain(this.#site.clock.now());
  }

  /** Closes at once; exchanges under way are cancelled, for their caller is gone. */
  destroy(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#site.sweeper.remove(this);
    this.#session.destroy();
    this.#closed(this);
  }

  check(now: number): void {
    if (this.#life.check(now)) return this.destroy();
    for (const stream of this.#session.streams.values()) (stream as DownstreamStream).check(now);
  }

  isIdle(id: number): boolean {
    return id % 2 === 0 || (id > this.#session.lastPeerId && id > this.#passedOver);
  }

  headers(id: number, block: Buffer, from: number, to: number, endsStream: boolean): void {
    const session = this.#session;
    const stream = session.streams.get(id);
    if (stream !== undefined) return this.#readTrailers(stream, block, from, to, endsStream);
    if (!this.isIdle(id)) return this.#readStray(id, block, from, to);
    if (id % 2 === 0) return session.fail(errorCode.protocolError, "a caller's streams have odd numbers");
    if (!this.#life.takes(id)) return this.#passOver(id, block, from, to);
    session.lastPeerId = id;
    if (session.streams.size >= session.settings.maxStreams) this.#refuse(id, block, from, to);
    else this.#open(id, block, from, to, endsStream);
  }

  settled(): void {
    // What a caller can take is looked at when it is sent.
  }

  goingAway(): void {
    this.#life.callerGoes();
  }

  ponged(): void {
    this.#life.ponged();
  }

  ended(): void {
    for (const stream of this.#session.streams.values()) stream.lost(failures["downstream.gone"]);
    this.#session.streams.clear();
  }

  forgotten(stream: WireStream): void {
    if (!stream.retires()) return;
    this.#retired.push(stream as DownstreamStream);
    this.#session.out.wake();
  }

  turnEnded(): void {
    const retired = this.#retired;
    for (let at = 0; at < retired.length; at++) this.#pool.give(retired[at] as DownstreamStream);
    retired.length = 0;
    this.#life.turnEnded();
  }

  /** Returns the position behind what of `bytes` is preface. */
  #readPreface(bytes: Buffer): number {
    const count = Math.min(PREFACE.length - this.#prefaced, bytes.length);
    if (bytes.compare(PREFACE, this.#prefaced, this.#prefaced + count, 0, count) !== 0) {
      this.#session.fail(errorCode.protocolError, "the preface is not HTTP/2's");
      return bytes.length;
    }
    this.#prefaced += count;
    return count;
  }

  #open(id: number, block: Buffer, from: number, to: number, endsStream: boolean): void {
    const fields = this.#fields;
    fields.reset();
    const outcome = this.#session.decode(block, from, to, fields);
    if (outcome === "compression") return;
    const stream = this.#newStream(id);
    const { x } = stream;
    if (outcome === "too-large") return stream.refuse(failures["request.head_too_large"], endsStream, fields.method);
    const flaw = fields.finish(x);
    if (flaw === undefined && this.#isUnservedConnect(x)) {
      return stream.refuse(requestFieldFailures["connect.unserved"], endsStream, x.request.method);
    }
    const isShort = endsStream && fields.contentLength > 0;
    if (flaw === undefined && !isShort) return stream.dispatch(fields.contentLength, endsStream);
    const failure = flaw === undefined ? failures["request.malformed"] : requestFieldFailures[flaw];
    this.#site.refused?.(failure.status, failure.code, this.#remoteAddress);
    this.#session.streamError(stream, errorCode.protocolError);
  }

  #isUnservedConnect({ request, upgrade }: Exchange): boolean {
    return request.method === "CONNECT" && upgrade === "" && !this.#session.settings.connect;
  }

  #newStream(id: number): DownstreamStream {
    const stream = this.#pool.take();
    stream.open(this.#session, id);
    stream.x.remoteAddress = this.#remoteAddress;
    stream.x.caller = this.#socket;
    stream.x.proof = this.#proof;
    return stream;
  }

  #readTrailers(stream: WireStream, block: Buffer, from: number, to: number, endsStream: boolean): void {
    const trailers = this.#trailers;
    trailers.reset();
    const outcome = this.#session.decode(block, from, to, trailers);
    if (outcome === "compression") return;
    if (stream.hasReceived) return this.#session.streamError(stream, errorCode.streamClosed);
    const isGood = endsStream && outcome === undefined && trailers.finish() === undefined;
    if (isGood) stream.endReceived(trailers.trailers);
    else this.#session.streamError(stream, errorCode.protocolError);
  }

  /** A head on a stream that is closed, or whose number was passed over. */
  #readStray(id: number, block: Buffer, from: number, to: number): void {
    const session = this.#session;
    if (id % 2 === 0) return session.fail(errorCode.protocolError, "a caller's streams have odd numbers");
    if (session.closed.endingOf(id) === ending.unknown) {
      return session.fail(errorCode.protocolError, "a stream's number is lower than the last one's");
    }
    if (this.#session.decode(block, from, to) !== "compression") session.control.stray(id, true);
  }

  /** The caller has not yet heard that it is too late: nothing that comes of the stream is answered (RFC 9113 §6.8). */
  #passOver(id: number, block: Buffer, from: number, to: number): void {
    const session = this.#session;
    if (session.decode(block, from, to) === "compression") return;
    this.#passedOver = id;
    session.closed.add(id, ending.ours);
    session.spend(cost.lateFrame);
  }

  #refuse(id: number, block: Buffer, from: number, to: number): void {
    const session = this.#session;
    if (this.#session.decode(block, from, to) === "compression") return;
    session.writer.reset(id, errorCode.refusedStream);
    session.closed.add(id, ending.ours);
    session.answered();
    session.spend(cost.reset);
  }
}
