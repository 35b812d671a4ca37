/** Linkspan's side of callers' connections, on real sockets and a clock of the test, with a server tier that the test plays. */
import { once } from "node:events";
import net from "node:net";
import type { Failure } from "../../src/base/failure.ts";
import type { BodySink, BodySource } from "../../src/http/body.ts";
import { BytesBody } from "../../src/http/error-response.ts";
import { type Exchange, Layout, type Holder } from "../../src/http/exchange.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { Http2Downstream } from "../../src/http2/downstream.ts";
import { defaultHttp2Settings, type Http2Settings } from "../../src/http2/settings.ts";
import { Sweeper } from "../../src/net/sweeper.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { CollectingSink } from "./collecting-sink.ts";
import { H2Peer, type PeerOptions } from "./h2-wire.ts";

/** A body that gives as much as its sink takes, and counts that. */
export class EndlessBody implements BodySource {
  readonly length = -1;
  started = false;
  given = 0;
  #sink: BodySink | undefined = undefined;
  readonly #chunk = Buffer.alloc(16_384, 120);

  pipe(sink: BodySink): void {
    this.started = true;
    this.#sink = sink;
    this.drained();
  }

  drained(): void {
    for (let at = 0; at < 1000; at++) {
      this.given += this.#chunk.length;
      if (this.#sink?.chunk(this.#chunk) !== true) break;
    }
    this.#sink?.flush();
  }
}

/** Stands for everything behind the server tier: holds each exchange until the test answers it. */
export class DownstreamLab implements Holder, AsyncDisposable {
  readonly clock = new FakeClock();
  readonly bugs: unknown[] = [];
  /** Those under way. */
  readonly held = new Set<Exchange>();
  readonly sinks = new Map<Exchange, CollectingSink>();
  readonly failed: string[] = [];
  dispatched = 0;
  finished = 0;
  /** Called for each request; without it, it is held. */
  serve: ((x: Exchange) => void) | undefined = undefined;
  readonly #server: net.Server;
  readonly #answered = new Set<Exchange>();
  readonly #connections = new Set<Http2Downstream>();
  readonly #sweeper: Sweeper;

  private constructor(own: Partial<Http2Settings>) {
    this.#sweeper = new Sweeper(this.clock);
    const site = {
      service: { dispatch: (x: Exchange) => this.#dispatch(x) },
      layout: new Layout(),
      settings: { ...defaultHttp2Settings, ...own },
      clock: this.clock,
      sweeper: this.#sweeper,
      bug: (error: unknown) => void this.bugs.push(error),
    };
    this.#server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      this.#connections.add(new Http2Downstream(socket, site, (gone) => this.#connections.delete(gone)));
    });
  }

  static async open(own: Partial<Http2Settings> = {}): Promise<DownstreamLab> {
    const lab = new DownstreamLab(own);
    lab.#server.listen(0, "127.0.0.1");
    await once(lab.#server, "listening");
    return lab;
  }

  get connections(): number {
    return this.#connections.size;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  call(options: PeerOptions = {}): Promise<H2Peer> {
    return H2Peer.connect(this.port, options);
  }

  /** By ticks of the sweeper, with a turn for the sockets after each second. */
  async wait(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 250) {
      this.clock.advance(250);
      if (at % 1000 === 0) await new Promise(setImmediate);
    }
    await new Promise(setImmediate);
  }

  /** Takes the request's body, and answers when the exchange is held no more. */
  #dispatch(x: Exchange): void {
    this.dispatched++;
    this.held.add(x);
    x.holder = this;
    if (this.serve) return this.serve(x);
    this.take(x);
  }

  take(x: Exchange, stops = false): CollectingSink {
    const sink = new CollectingSink();
    sink.stops = stops;
    this.sinks.set(x, sink);
    x.requestBody.pipe(sink);
    return sink;
  }

  /** `body` as text is a whole answer; as a source it goes on. */
  answer(
    x: Exchange,
    body: string | BodySource = "ok",
    status = 200,
    fields: readonly (readonly [string, string])[] = [],
  ): void {
    this.#answered.add(x);
    x.response.status = status;
    x.response.headers = HeaderList.of(fields);
    x.responseBody = typeof body === "string" ? new BytesBody(Buffer.from(body)) : body;
    x.downstream?.respond(x);
    if (typeof body === "string") this.finish(x);
  }

  finish(x: Exchange): void {
    if (!this.held.delete(x)) return;
    this.#answered.delete(x);
    this.finished++;
    x.holder = undefined;
    x.downstream?.finish(x);
  }

  cancel(x: Exchange, why: Failure): void {
    this.failed.push(why.code);
    if (this.#answered.has(x)) x.broken ??= why;
    else {
      x.failure = why;
      x.downstream?.respond(x);
    }
    this.finish(x);
  }

  abandon(x: Exchange): void {
    this.finish(x);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#connections) each.destroy();
    this.#sweeper[Symbol.dispose]();
    this.#server.close();
    await once(this.#server, "close");
  }
}
