/** HTTP/2 to one registry where it speaks that, and HTTP/1.1 where it does not. */
import type { Duplex } from "node:stream";
import type { Dialer } from "../base/dialer.ts";
import type { HttpAnswer, HttpClient, HttpMultiplexing, HttpOrigin, HttpRequest } from "../base/http.ts";
import type { Clock } from "../base/time.ts";
import { ReceivedAnswer } from "./http-answer.ts";
import { bracketed, HttpConnector, shownOrigin } from "./http-connector.ts";
import { Http1Client } from "./http1-client.ts";
import { Http2Connections } from "./http2-connections.ts";
import { MultiplexedExchange } from "./multiplexed-exchange.ts";
import {
  askingFailed,
  cannotAsk,
  DEFAULT_CONNECTIONS,
  DEFAULT_HEAD_MS,
  DEFAULT_IDLE_MS,
  endWith,
  isIdempotent,
} from "./request-limits.ts";

/** Of one request: what is refused twice is told. */
const MOST_ATTEMPTS = 2;

export class MultiplexedClient implements HttpClient {
  readonly #origin: HttpOrigin;
  readonly #clock: Clock;
  readonly #shown: string;
  readonly #end = new AbortController();
  readonly #connections: Http2Connections;
  readonly #plain: Http1Client;
  /** Connections of HTTP/1.1 that nobody has asked on yet. */
  readonly #spare = new Set<Duplex>();

  constructor(
    origin: HttpOrigin,
    multiplexing: HttpMultiplexing,
    { clock, dial }: { readonly clock: Clock; readonly dial: Dialer },
  ) {
    this.#origin = origin;
    this.#clock = clock;
    this.#shown = shownOrigin(origin);
    const either = new HttpConnector(origin, dial, ["h2", "http/1.1"]);
    const plain = new HttpConnector(origin, dial);
    this.#connections = new Http2Connections({
      shown: this.#shown,
      multiplexing,
      most: origin.maxConnections ?? DEFAULT_CONNECTIONS,
      clock,
      connect: (timeoutMs, signal) => either.connect(timeoutMs, signal),
      plain: (socket) => this.#keep(socket),
    });
    this.#plain = new Http1Client(origin, clock, async (timeoutMs, signal) => {
      const [spare] = this.#spare;
      if (spare === undefined) return plain.connect(timeoutMs, signal);
      this.#spare.delete(spare);
      return spare;
    });
  }

  get connections(): number {
    return this.#connections.size + this.#plain.connections + this.#spare.size;
  }

  get closed(): number {
    return this.#connections.closed + this.#plain.closed;
  }

  request(request: HttpRequest): Promise<HttpAnswer> {
    // Which protocols a server speaks is asked anew when no connection is left that shows it.
    if (this.#plain.connections + this.#spare.size > 0) return this.#plain.request(request);
    const { method = "GET", headTimeoutMs = DEFAULT_HEAD_MS, idleTimeoutMs = DEFAULT_IDLE_MS } = request;
    const exchange = new MultiplexedExchange({
      headers: this.#headersOf(request),
      body: request.body,
      isIdempotent: isIdempotent(method) && request.isSentOnce !== true,
      received: (source) => {
        timer[Symbol.dispose]();
        return new ReceivedAnswer({ source, origin: this.#shown, clock: this.#clock, idleTimeoutMs, isProbed: true });
      },
      failed: (error) => askingFailed(this.#shown, error),
    });
    const stop = (reason: unknown): void => exchange.stop(reason as Error);
    const late = (): void => stop(cannotAsk(this.#shown, "ETIMEDOUT", `no answer within ${headTimeoutMs} ms`));
    const timer = this.#clock.timer(headTimeoutMs, late);
    const released = endWith([request.signal, this.#end.signal], stop);
    void this.#carry(exchange, request)
      .catch((error: NodeJS.ErrnoException) => stop(exchange.signal.aborted ? error : askingFailed(this.#shown, error)))
      .finally(() => {
        timer[Symbol.dispose]();
        released[Symbol.dispose]();
      });
    return exchange.answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error(`the client of ${this.#shown} is closed`));
    this.#connections[Symbol.dispose]();
    for (const socket of this.#spare) socket.destroy();
    await this.#plain[Symbol.asyncDispose]();
  }

  async #carry(exchange: MultiplexedExchange, request: HttpRequest): Promise<void> {
    const { headTimeoutMs = DEFAULT_HEAD_MS } = request;
    const until = this.#clock.now() + headTimeoutMs;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const outcome = await this.#connections.pass(exchange.signal, async (on) => {
        if (on !== undefined) return exchange.attempt(on, attempt === MOST_ATTEMPTS);
        const left = Math.max(1, until - this.#clock.now());
        return exchange.hand(this.#plain.request({ ...request, headTimeoutMs: left }));
      });
      if (outcome === "over") return;
    }
  }

  /** Without those of a connection (RFC 9113 §8.2.2). */
  #headersOf({ method = "GET", path, headers = {}, body }: HttpRequest): Record<string, string> {
    const { authority, host, port } = this.#origin;
    return {
      ":method": method,
      ":scheme": "https",
      ":authority": authority ?? `${bracketed(host)}:${port}`,
      ":path": path,
      ...(body === undefined ? {} : { "content-length": `${Buffer.byteLength(body)}` }),
      ...headers,
    };
  }

  #keep(socket: Duplex): void {
    this.#spare.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#spare.delete(socket));
  }
}
