/** An HTTP/2 connection to ourselves, on sockets without a network: our own two sides, and a ledger of what they send. */
import { Exchange, Layout, type Responder } from "../../src/http/exchange.ts";
import type { BodySink, BodySource } from "../../src/http/body.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { Http2Downstream } from "../../src/http2/downstream.ts";
import { defaultHttp2Settings, type Http2Settings } from "../../src/http2/settings.ts";
import { Http2Connection } from "../../src/http2/upstream-connection.ts";
import { Connector } from "../../src/net/connector.ts";
import { Sweeper } from "../../src/net/sweeper.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { WindowLedger } from "./window-ledger.ts";
import { LinkedSocket } from "./linked-sockets.ts";

export interface LoopOptions {
  readonly caller?: Partial<Http2Settings>;
  readonly server?: Partial<Http2Settings>;
  /** Bytes that a socket takes at once. */
  readonly capacity?: number;
  readonly dispatch: (x: Exchange) => void;
}

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Http2Loop {
  readonly clock = new FakeClock();
  readonly sweeper = new Sweeper(this.clock);
  readonly callerSocket: LinkedSocket;
  readonly serverSocket: LinkedSocket;
  readonly connection: Http2Connection;
  readonly downstream: Http2Downstream;
  readonly bugs: unknown[] = [];
  readonly fromCaller = new WindowLedger("caller");
  readonly fromServer = new WindowLedger("server");
  readonly layout = new Layout();
  freed = 0;
  closed = 0;

  constructor(options: LoopOptions) {
    const { clock, sweeper } = this;
    const bug = (error: unknown): void => void this.bugs.push(error);
    this.callerSocket = new LinkedSocket(options.capacity);
    this.serverSocket = new LinkedSocket(options.capacity);
    const settings = { ...defaultHttp2Settings, ...options.server };
    const site = { service: { dispatch: options.dispatch }, layout: this.layout, settings, clock, sweeper, bug };
    this.downstream = new Http2Downstream(this.serverSocket, site, () => undefined);
    const connector = new Connector({ clock, resolver: { addresses: () => Promise.reject(new Error("no names")) } });
    this.connection = new Http2Connection(
      this.callerSocket,
      { freed: () => void this.freed++, closed: () => void this.closed++ },
      { connector, settings: { ...defaultHttp2Settings, ...options.caller }, clock, sweeper, bug },
    );
    this.fromCaller.other = this.fromServer;
    this.fromServer.other = this.fromCaller;
  }

  /** Carries what waits, in pieces that `size` gives, until nothing moves; false where it never ends. */
  async run(size: () => number = () => 65_536, rounds = 20_000): Promise<boolean> {
    let quiet = 0;
    for (let round = 0; round < rounds; round++) {
      await nextTurn();
      quiet = this.#carry(size) ? 0 : quiet + 1;
      if (quiet > 3) return true;
    }
    return false;
  }

  #carry(size: () => number): boolean {
    const up = this.callerSocket.takeBytes(size());
    const down = this.serverSocket.takeBytes(size());
    if (up.length > 0) {
      this.fromCaller.saw(up);
      this.downstream.received(up);
      up.fill(0xee);
    }
    if (down.length > 0) {
      this.fromServer.saw(down);
      this.connection.received(down);
      down.fill(0xee);
    }
    this.callerSocket.drain();
    this.serverSocket.drain();
    return up.length + down.length > 0;
  }
}

export function requestOf(loop: Http2Loop, method: string, target: string, body?: BodySource): Exchange {
  const headers = HeaderList.of([["host", "users"]]);
  const response = { version: 20, status: 0, reason: "", headers: new HeaderList() } as const;
  const x = new Exchange({ version: 20, method, target, headers }, { ...response }, loop.layout);
  if (body) x.requestBody = body;
  return x;
}

/** A body of `length` bytes that come in pieces of `piece`, and stops when it is told to. */
export class CountedBody implements BodySource {
  readonly length: number;
  started = false;
  #sink: BodySink | undefined;
  #sent = 0;
  readonly #total: number;
  readonly #piece: number;

  constructor(total: number, piece: number, saysLength = true) {
    this.length = saysLength ? total : -1;
    this.#total = total;
    this.#piece = piece;
  }

  /** The byte that stands at a place of every such body. */
  static byteAt(place: number): number {
    return (place * 31 + (place >> 8)) & 0xff;
  }

  pipe(sink: BodySink): void {
    this.#sink = sink;
    this.#push();
  }

  drained(): void {
    this.#push();
  }

  #push(): void {
    while (this.#sent < this.#total) {
      const bytes = new Uint8Array(Math.min(this.#piece, this.#total - this.#sent));
      for (let at = 0; at < bytes.length; at++) bytes[at] = CountedBody.byteAt(this.#sent + at);
      this.#sent += bytes.length;
      this.started = true;
      const goesOn = this.#sink?.chunk(bytes);
      // Borrowed until `chunk` returned.
      bytes.fill(0xdd);
      if (goesOn === false) return;
    }
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.end();
  }
}

/** Takes an answer, stopping its source now and then. */
export class Asker implements Responder, BodySink {
  status = 0;
  failure = "";
  broken = "";
  length = 0;
  /** Every byte was the one that stands at its place, and none came while it had said "stop". */
  isRight = true;
  hasEnded = false;
  finished = 0;
  trailers: string[] = [];
  #x: Exchange | undefined;
  #isStopped = false;
  readonly #stops: () => boolean;

  constructor(stops: () => boolean = () => false) {
    this.#stops = stops;
  }

  respond(x: Exchange): void {
    this.#x = x;
    this.failure = x.failure?.code ?? "";
    if (x.failure !== undefined) return;
    this.status = x.response.status;
    x.responseBody.pipe(this);
  }

  finish(): void {
    this.finished++;
    this.#x = undefined;
  }

  chunk(bytes: Uint8Array): boolean {
    for (const byte of bytes) if (byte !== CountedBody.byteAt(this.length++)) this.isRight = false;
    if (this.#isStopped) this.isRight = false;
    if (!this.#stops()) return true;
    this.#isStopped = true;
    setImmediate(() => {
      this.#isStopped = false;
      this.#x?.responseBody.drained();
    });
    return false;
  }

  end(trailers?: { readonly size: number; name(at: number): string; value(at: number): string }): void {
    this.hasEnded = true;
    if (trailers === undefined) return;
    for (let at = 0; at < trailers.size; at++) this.trailers.push(`${trailers.name(at)}: ${trailers.value(at)}`);
  }

  fail(failure: { readonly code: string }): void {
    this.broken = failure.code;
  }

  flush(): void {
    // Nothing is gathered.
  }
}
