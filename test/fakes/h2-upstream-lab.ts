/** One connection of linkspan's to an endpoint that a test plays, and the exchanges that are sent on it. */
import { Connector } from "../../src/net/connector.ts";
import { Sweeper } from "../../src/net/sweeper.ts";
import { BytesBody } from "../../src/http/error-response.ts";
import { type BodySink, type BodySource, noBody } from "../../src/http/body.ts";
import type { Failure } from "../../src/base/failure.ts";
import { Exchange, Layout, type Responder } from "../../src/http/exchange.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import type { Connection } from "../../src/http/transport.ts";
import { defaultHttp2Settings, type Http2Settings } from "../../src/http2/settings.ts";
import { Http2Transport } from "../../src/http2/upstream.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { CollectingSink } from "./collecting-sink.ts";
import { H2Listener, type H2Peer, type PeerOptions } from "./h2-wire.ts";

export interface Request {
  /** POST unless said: what is not safe is not sent again. */
  readonly method?: string;
  readonly target?: string;
  readonly fields?: readonly (readonly [string, string])[];
  /** Sent with a content-length, unless it is a source. */
  readonly body?: string | BodySource;
  /** The answer's sink says "stop" to each chunk. */
  readonly stops?: boolean;
}

/** A body that comes when the test says so. */
export class HandBody implements BodySource {
  readonly length = -1;
  started = false;
  isStopped = false;
  failedWith: Failure | undefined = undefined;
  #sink: BodySink | undefined = undefined;

  pipe(sink: BodySink): void {
    this.#sink = sink;
    sink.flush();
  }

  drained(): void {
    this.isStopped = false;
  }

  give(text: string): void {
    this.started = true;
    if (this.#sink?.chunk(Buffer.from(text, "latin1")) === false) this.isStopped = true;
    this.#sink?.flush();
  }

  end(): void {
    this.#sink?.end();
  }

  fail(failure: Failure): void {
    this.#sink?.fail(failure);
  }
}

/** An exchange under way, and what its caller is told. */
export class Asked implements Responder {
  readonly x: Exchange;
  readonly sink = new CollectingSink();
  readonly interims: number[] = [];
  responds = 0;
  finishes = 0;
  #head = "";

  constructor(layout: Layout, { method = "POST", target = "/", fields = [], body, stops }: Request) {
    const headers = HeaderList.of([["host", "a.test"], ...fields]);
    if (typeof body === "string") headers.append("content-length", String(body.length));
    const response = { version: 20 as const, status: 0, reason: "", headers: new HeaderList() };
    this.x = new Exchange({ version: 11, method, target, headers }, response, layout);
    this.x.requestBody = typeof body === "string" ? new BytesBody(Buffer.from(body)) : (body ?? noBody);
    this.x.interim = (status) => void this.interims.push(status);
    this.sink.stops = stops === true;
  }

  respond(x: Exchange): void {
    this.responds++;
    if (x.failure) this.#head = `${x.failure.code}${x.failure.flags.has("retryable") ? " retryable" : ""}`;
    else {
      this.#head = String(x.response.status);
      x.responseBody.pipe(this.sink);
    }
  }

  finish(): void {
    this.finishes++;
  }

  /** `200 "body"`, `200 broken CODE`, `CODE retryable`, `waits`. */
  get outcome(): string {
    const { sink, x } = this;
    if (this.responds === 0) return this.finishes === 0 ? "waits" : "ended unanswered";
    if (x.failure && sink.state === "open" && sink.chunks === 0 && !/^\d/.test(this.#head)) return this.#head;
    if (sink.state === "failed") return `${this.#head} broken ${x.broken?.code ?? sink.failure?.code}`;
    if (sink.state === "open") return `${this.#head} waits`;
    return `${this.#head} ${JSON.stringify(sink.text)}`;
  }
}

export interface LabOptions extends PeerOptions {
  /** Settings of linkspan itself. */
  readonly own?: Partial<Http2Settings>;
}

export class UpstreamLab implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly server: H2Peer;
  readonly connection: Connection;
  readonly bugs: unknown[];
  readonly heard: string[];
  readonly #listener: H2Listener;
  readonly #layout = new Layout();

  private constructor(
    listener: H2Listener,
    server: H2Peer,
    connection: Connection,
    bugs: unknown[],
    heard: string[],
    clock: FakeClock,
  ) {
    this.#listener = listener;
    this.server = server;
    this.connection = connection;
    this.bugs = bugs;
    this.heard = heard;
    this.clock = clock;
  }

  static async open(options: LabOptions = {}): Promise<UpstreamLab> {
    const listener = await H2Listener.start(options);
    const clock = new FakeClock();
    const bugs: unknown[] = [];
    const heard: string[] = [];
    const resolver = { addresses: () => Promise.reject(new Error("no names here")) };
    const transport = new Http2Transport({
      connector: new Connector({ clock, resolver }),
      settings: { ...defaultHttp2Settings, ...options.own },
      clock,
      sweeper: new Sweeper(clock),
      bug: (error) => void bugs.push(error),
    });
    const owner = { freed: () => void heard.push("freed"), closed: () => void heard.push("closed") };
    const address = { host: "127.0.0.1", port: listener.port, weight: 1 };
    const connection = await transport.connect(address, owner, new AbortController().signal);
    return new UpstreamLab(listener, await listener.next(), connection, bugs, heard, clock);
  }

  ask(request: Request = {}): Asked {
    const asked = new Asked(this.#layout, request);
    this.connection.send(asked.x, asked);
    return asked;
  }

  /** Resolves when the exchange is over, or rejects with what was seen. */
  async over(asked: Asked): Promise<void> {
    await this.server.until("the end of the exchange", () => asked.finishes > 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
    await this.#listener[Symbol.asyncDispose]();
  }
}
