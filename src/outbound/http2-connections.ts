/** The connections of HTTP/2 to one registry, and the requests that wait for room on one of them. */
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { HttpMultiplexing } from "../base/http.ts";
import type { Clock } from "../base/time.ts";
import type { Connect } from "./http1-client.ts";
import { Http2Connection } from "./http2-connection.ts";
import { endWith, MAX_WAITING } from "./request-limits.ts";

export interface ConnectionsParts {
  readonly shown: string;
  readonly multiplexing: HttpMultiplexing;
  readonly most: number;
  readonly clock: Clock;
  readonly connect: Connect;
  /** Takes a connection on which the server speaks HTTP/1.1. */
  plain(socket: Duplex): void;
}

interface Waiting {
  go(on: Http2Connection | undefined): void;
  fail(reason: unknown): void;
}

export class Http2Connections implements Disposable {
  readonly #parts: ConnectionsParts;
  readonly #line = new Set<Waiting>();
  readonly #connections = new Set<Http2Connection>();
  readonly #end = new AbortController();
  #isOpening = false;
  #closed = 0;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#connections.size;
  }

  get closed(): number {
    return this.#closed;
  }

  /** Runs `work` in its turn, on a connection with room; on none where the server speaks HTTP/1.1. */
  pass<T>(signal: AbortSignal, work: (on: Http2Connection | undefined) => Promise<T>): Promise<T> {
    if (this.#line.size >= MAX_WAITING) {
      return Promise.reject(Object.assign(new Error("too many are waiting"), { code: "EBUSY" }));
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#line.delete(waiting);
        signal.removeEventListener("abort", aborted);
      };
      const waiting: Waiting = {
        go(on) {
          leave();
          work(on).then(resolve, reject);
        },
        fail(reason) {
          leave();
          reject(reason as Error);
        },
      };
      const aborted = (): void => waiting.fail(signal.reason);
      if (signal.aborted) return aborted();
      signal.addEventListener("abort", aborted, { once: true });
      this.#line.add(waiting);
      this.#serve();
    });
  }

  [Symbol.dispose](): void {
    const reason = new Error(`the client of ${this.#parts.shown} is closed`);
    this.#end.abort(reason);
    this.#failAll(reason);
    for (const connection of this.#connections) connection.destroy(reason);
  }

  #serve(): void {
    for (const connection of this.#connections) {
      if (connection.isOver && this.#connections.delete(connection)) this.#closed++;
    }
    for (const waiting of this.#line) {
      const free = Array.from(this.#connections).find(({ hasRoom }) => hasRoom);
      if (free === undefined) return this.#openAnother();
      waiting.go(free);
    }
  }

  #openAnother(): void {
    if (this.#isOpening || this.#end.signal.aborted || this.#connections.size >= this.#parts.most) return;
    // A server that takes no stream on one connection takes none on another.
    if (Array.from(this.#connections).some(({ isShut }) => isShut)) return;
    this.#isOpening = true;
    void this.#open()
      .catch((error: unknown) => this.#failAll(error))
      .finally(() => {
        this.#isOpening = false;
        this.#serve();
      });
  }

  /** Whoever is silent is given up as soon as one that was heard before. */
  async #open(): Promise<void> {
    const { multiplexing, clock, connect, plain } = this.#parts;
    const limitMs = multiplexing.pingMs + multiplexing.pingTimeoutMs;
    const late = new AbortController();
    const why = `no connection within ${limitMs} ms`;
    const limit = clock.timer(limitMs, () => late.abort(Object.assign(new Error(why), { code: "ETIMEDOUT" })));
    const signal = AbortSignal.any([late.signal, this.#end.signal]);
    try {
      const socket = await connect(limitMs, signal);
      if (socket instanceof TLSSocket && socket.alpnProtocol === "h2") return await this.#begin(socket, signal);
      plain(socket);
    } finally {
      limit[Symbol.dispose]();
    }
    for (const waiting of this.#line) waiting.go(undefined);
  }

  async #begin(socket: TLSSocket, signal: AbortSignal): Promise<void> {
    const { shown, multiplexing, clock } = this.#parts;
    const connection = new Http2Connection(socket, { shown, multiplexing, clock, changed: () => this.#serve() });
    const released = endWith([signal], (reason) => connection.destroy(reason as Error));
    try {
      await connection.ready;
      this.#connections.add(connection);
    } finally {
      released[Symbol.dispose]();
    }
  }

  #failAll(reason: unknown): void {
    for (const waiting of this.#line) waiting.fail(reason);
  }
}
