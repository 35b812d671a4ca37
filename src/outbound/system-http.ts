/** HTTP to registries over this host's own network, by Node's client. */
import type { Agent, ClientRequest } from "node:http";
import type { Duplex } from "node:stream";
import type { Dialer } from "../base/dialer.ts";
import type { Http, HttpAnswer, HttpClient, HttpOrigin, HttpRequest } from "../base/http.ts";
import type { Clock } from "../base/time.ts";
import { Turnstile } from "../base/turnstile.ts";
import { ReceivedAnswer } from "./http-answer.ts";
import { bracketed, HttpConnector } from "./http-connector.ts";
import { OutboundExchange } from "./outbound-exchange.ts";

const DEFAULT_CONNECTIONS = 8;
const DEFAULT_HEAD_MS = 10_000;
const DEFAULT_IDLE_MS = 30_000;
/** Requests that wait for a connection at most. */
const MAX_WAITING = 4_096;
/** An idle connection is closed before servers and middle boxes commonly do. */
const KEEP_IDLE_MS = 30_000;
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE"]);

export class SystemHttp implements Http {
  readonly #clock: Clock;
  readonly #dial: Dialer;

  constructor(clock: Clock, dial: Dialer) {
    this.#clock = clock;
    this.#dial = dial;
  }

  open(origin: HttpOrigin): HttpClient {
    return new NodeHttpClient(origin, this.#clock, this.#dial);
  }
}

class NodeHttpClient implements HttpClient {
  readonly #origin: HttpOrigin;
  readonly #clock: Clock;
  readonly #agent: Agent;
  readonly #shown: string;
  readonly #closed = new AbortController();
  readonly #sockets = new Set<Duplex>();
  readonly #turnstile: Turnstile;

  constructor(origin: HttpOrigin, clock: Clock, dial: Dialer) {
    this.#origin = origin;
    this.#clock = clock;
    this.#shown = `${origin.tls ? "https" : "http"}://${bracketed(origin.host)}:${origin.port}`;
    const connector = new HttpConnector(origin, dial);
    // Importing node:http evaluates exports of it that load much more.
    const { Agent: NodeAgent } = process.getBuiltinModule("node:http");
    const maxSockets = origin.maxConnections ?? DEFAULT_CONNECTIONS;
    // The agent counts a connection when it is there, so that many would be opened at once.
    this.#turnstile = new Turnstile(maxSockets, MAX_WAITING);
    this.#agent = new NodeAgent({ keepAlive: true, maxSockets, maxFreeSockets: maxSockets, timeout: KEEP_IDLE_MS });
    this.#agent.createConnection = (_options, done) => {
      connector.connect(DEFAULT_HEAD_MS, this.#closed.signal).then(
        (socket) => done?.(null, this.#kept(socket)),
        (error: Error) => done?.(error, undefined as never),
      );
      return undefined;
    };
  }

  get connections(): number {
    return this.#sockets.size;
  }

  request(request: HttpRequest): Promise<HttpAnswer> {
    const { method = "GET", headTimeoutMs = DEFAULT_HEAD_MS, idleTimeoutMs = DEFAULT_IDLE_MS, signal } = request;
    const exchange = new OutboundExchange({
      send: () => this.#send(request),
      isIdempotent: IDEMPOTENT.has(method),
      received: (message) => {
        timer[Symbol.dispose]();
        return new ReceivedAnswer({ message, origin: this.#shown, clock: this.#clock, idleTimeoutMs });
      },
      failed: (error) => this.#failed(error),
    });
    const stop = (reason: unknown): void => exchange.stop(reason as Error);
    const late = (): void => stop(this.#error("ETIMEDOUT", `no answer within ${headTimeoutMs} ms`));
    const timer = this.#clock.timer(headTimeoutMs, late);
    const released = endWith([signal, this.#closed.signal], stop);
    void this.#turnstile
      .pass(() => exchange.run())
      .catch(stop)
      .finally(() => {
        timer[Symbol.dispose]();
        released[Symbol.dispose]();
      });
    return exchange.answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error(`the client of ${this.#shown} is closed`));
    this.#agent.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  #send({ method = "GET", path, headers = {}, body }: HttpRequest): ClientRequest {
    const { authority, host, port, proxy, tls } = this.#origin;
    const { request: newRequest } = process.getBuiltinModule("node:http");
    const straight = proxy === undefined || tls !== undefined;
    const sent = newRequest({
      agent: this.#agent,
      method,
      path: straight ? path : `${this.#shown}${path}`,
      host,
      port,
      headers: {
        host: authority ?? `${bracketed(host)}:${port}`,
        ...(straight || proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization }),
        ...(body === undefined ? {} : { "content-length": `${Buffer.byteLength(body)}` }),
        ...headers,
      },
    });
    sent.end(body);
    return sent;
  }

  #kept(socket: Duplex): Duplex {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    return socket;
  }

  #failed(error: NodeJS.ErrnoException): Error {
    if (error.message.startsWith(this.#shown)) return error;
    return this.#error(error.code ?? "EIO", error.message, error);
  }

  #error(code: string, why: string, cause?: Error): Error {
    return Object.assign(new Error(`${this.#shown} cannot be asked: ${why}`, { cause }), { code });
  }
}

/** Calls `stop` once with the reason of the first signal that aborts, at once if one has; until it is disposed. */
function endWith(signals: readonly AbortSignal[], stop: (reason: unknown) => void): Disposable {
  const listeners = signals.map((signal) => [signal, (): void => stop(signal.reason)] as const);
  for (const [signal, listener] of listeners) {
    if (signal.aborted) listener();
    else signal.addEventListener("abort", listener, { once: true });
  }
  return {
    [Symbol.dispose]: () => {
      for (const [signal, listener] of listeners) signal.removeEventListener("abort", listener);
    },
  };
}
