/** HTTP/1.1 to one registry: each request has a connection for itself, which is kept for the next one. */
import type { Agent, ClientRequest } from "node:http";
import type { Duplex } from "node:stream";
import type { HttpAnswer, HttpClient, HttpOrigin, HttpRequest } from "../base/http.ts";
import type { Clock } from "../base/time.ts";
import { Turnstile } from "../base/turnstile.ts";
import { type AnswerSource, ReceivedAnswer, sourceOf } from "./http-answer.ts";
import { bracketed, shownOrigin } from "./http-connector.ts";
import { OutboundExchange } from "./outbound-exchange.ts";
import {
  askingFailed,
  cannotAsk,
  DEFAULT_CONNECTIONS,
  DEFAULT_HEAD_MS,
  DEFAULT_IDLE_MS,
  endWith,
  isIdempotent,
  KEEP_IDLE_MS,
  MAX_WAITING,
} from "./request-limits.ts";

/** Makes a connection, or rejects with the reason and leaves nothing open. */
export type Connect = (timeoutMs: number, signal: AbortSignal) => Promise<Duplex>;

export class Http1Client implements HttpClient {
  readonly #origin: HttpOrigin;
  readonly #clock: Clock;
  readonly #agent: Agent;
  readonly #shown: string;
  readonly #end = new AbortController();
  readonly #sockets = new Set<Duplex>();
  readonly #turnstile: Turnstile;
  #closed = 0;

  constructor(origin: HttpOrigin, clock: Clock, connect: Connect) {
    this.#origin = origin;
    this.#clock = clock;
    this.#shown = shownOrigin(origin);
    // Importing node:http evaluates exports of it that load much more.
    const { Agent: NodeAgent } = process.getBuiltinModule("node:http");
    const maxSockets = origin.maxConnections ?? DEFAULT_CONNECTIONS;
    // The agent counts a connection when it is there, so that many would be opened at once.
    this.#turnstile = new Turnstile(maxSockets, MAX_WAITING);
    this.#agent = new NodeAgent({ keepAlive: true, maxSockets, maxFreeSockets: maxSockets, timeout: KEEP_IDLE_MS });
    this.#agent.createConnection = (_options, done) => {
      connect(DEFAULT_HEAD_MS, this.#end.signal).then(
        (socket) => done?.(null, this.#kept(socket)),
        (error: Error) => done?.(error, undefined as never),
      );
      return undefined;
    };
  }

  get connections(): number {
    return this.#sockets.size;
  }

  get closed(): number {
    return this.#closed;
  }

  request(request: HttpRequest): Promise<HttpAnswer> {
    const { method = "GET", headTimeoutMs = DEFAULT_HEAD_MS, idleTimeoutMs = DEFAULT_IDLE_MS, signal } = request;
    const exchange = new OutboundExchange({
      send: () => this.#send(request),
      isIdempotent: isIdempotent(method) && request.isSentOnce !== true,
      received: (message) => {
        timer[Symbol.dispose]();
        return new ReceivedAnswer({
          source: this.#watched(sourceOf(message)),
          origin: this.#shown,
          clock: this.#clock,
          idleTimeoutMs,
          isProbed: false,
        });
      },
      failed: (error) => askingFailed(this.#shown, error),
    });
    const stop = (reason: unknown): void => exchange.stop(reason as Error);
    const late = (): void => {
      this.#distrust();
      stop(cannotAsk(this.#shown, "ETIMEDOUT", `no answer within ${headTimeoutMs} ms`));
    };
    const timer = this.#clock.timer(headTimeoutMs, late);
    const released = endWith([signal, this.#end.signal], stop);
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
    this.#end.abort(new Error(`the client of ${this.#shown} is closed`));
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

  #watched(source: AnswerSource): AnswerSource {
    return {
      ...source,
      end: (reason) => {
        if ((reason as NodeJS.ErrnoException | undefined)?.code === "ETIMEDOUT") this.#distrust();
        source.end(reason);
      },
    };
  }

  /** What silenced one connection may have silenced those that wait for requests: the next one is made anew. */
  #distrust(): void {
    for (const idle of Object.values(this.#agent.freeSockets)) for (const socket of idle ?? []) socket.destroy();
  }

  #kept(socket: Duplex): Duplex {
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#closed++;
    });
    return socket;
  }
}
