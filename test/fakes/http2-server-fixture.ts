/** A caller's HTTP/2 connection on a socket without a network, with a caller and a server tier that the test plays. */
import { BytesBody } from "../../src/http/error-response.ts";
import { type Exchange, Layout } from "../../src/http/exchange.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { Http2Downstream } from "../../src/http2/downstream.ts";
import type { Http2Site } from "../../src/http2/downstream-site.ts";
import { defaultHttp2Settings, type Http2Settings } from "../../src/http2/settings.ts";
import { Sweeper } from "../../src/net/sweeper.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { type Frame, headers, PREFACE, settings, settingsAck, show, Splitter } from "./h2-frames.ts";
import { block, type Field } from "./h2-hpack.ts";
import { LinkedSocket } from "./linked-sockets.ts";

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const requestFields = (path = "/", method = "GET", ...more: Field[]): Buffer =>
  block([":method", method], [":scheme", "http"], [":authority", "web"], [":path", path], ...more);

export class Http2ServerFixture {
  readonly clock = new FakeClock();
  readonly sweeper = new Sweeper(this.clock);
  readonly socket: LinkedSocket;
  readonly site: Http2Site;
  readonly connection: Http2Downstream;
  readonly exchanges: Exchange[] = [];
  readonly bugs: unknown[] = [];
  readonly refused: string[] = [];
  closed = 0;
  readonly #splitter = new Splitter();

  constructor(own: Partial<Http2Settings> = {}, dispatch?: (x: Exchange) => void, capacity?: number) {
    this.socket = new LinkedSocket(capacity);
    this.site = {
      service: { dispatch: dispatch ?? ((x) => void this.exchanges.push(x)) },
      layout: new Layout(),
      settings: { ...defaultHttp2Settings, ...own },
      clock: this.clock,
      sweeper: this.sweeper,
      bug: (error) => void this.bugs.push(error),
      refused: (status, code) => void this.refused.push(`${status} ${code}`),
    };
    this.connection = new Http2Downstream(this.socket, this.site, () => void this.closed++);
  }

  /** The caller has said its preface and settings, and has heard ours. */
  static async open(own: Partial<Http2Settings> = {}, dispatch?: (x: Exchange) => void): Promise<Http2ServerFixture> {
    const fixture = new Http2ServerFixture(own, dispatch);
    fixture.send(Buffer.from(PREFACE), settings(), settingsAck());
    await fixture.frames();
    return fixture;
  }

  /** The caller sends all of it at once. */
  send(...frames: Uint8Array[]): void {
    this.connection.received(Buffer.concat(frames));
  }

  request(id: number, path = "/"): void {
    this.send(headers(id, requestFields(path), { end: true }));
  }

  /** What was sent to the caller since the last call. */
  async frames(): Promise<Frame[]> {
    await nextTurn();
    await nextTurn();
    const frames = this.#splitter.add(this.socket.takeBytes(Number.MAX_SAFE_INTEGER));
    this.socket.drain();
    return frames;
  }

  async shown(): Promise<string[]> {
    return (await this.frames()).map(show);
  }

  /** Lets time pass on the sweeper's clock. */
  pass(ms: number): void {
    this.clock.advance(ms);
  }
}

export function answer(x: Exchange, text: string): void {
  x.response.status = 200;
  x.response.reason = "OK";
  x.response.headers = new HeaderList();
  x.responseBody = new BytesBody(Buffer.from(text));
  x.downstream?.respond(x);
  x.downstream?.finish(x);
}
