/** One TCP connection to an endpoint, for one exchange: never used again. */
import type { Socket } from "node:net";
import { asRetryable, type Failure, failures } from "../base/failure.ts";
import type { Clock } from "../base/time.ts";
import type { Exchange, Holder, Responder } from "../http/exchange.ts";
import { fail } from "../http/filter.ts";
import type { Connection, ConnectionOwner, Status } from "../http/transport.ts";
import type { Sweeper, Swept } from "../net/sweeper.ts";
import { ByteSource } from "./byte-source.ts";
import { SocketSink } from "./socket-sink.ts";

/**
 * "fresh": can take its exchange. "silent": the exchange is on it, and the endpoint has said nothing yet. "answered": it
 * has, or it has stood for a while. "closed": the socket is gone.
 */
type State = "fresh" | "silent" | "answered" | "closed";

export interface TcpConnectionOptions {
  readonly clock: Clock;
  readonly sweeper: Sweeper;
  readonly idleTimeoutMs: number;
  readonly bug: (error: unknown) => void;
}

/**
 * What accepts connections need not serve them: a proxy whose own backend is gone resets them at once. So a connection
 * counts as answered with the endpoint's first byte, or when it has stood so long.
 */
const PROVEN_MS = 1000;

const unprocessed = asRetryable(failures["upstream.reset"]);

export class TcpConnection implements Connection, Holder, Swept {
  #state: State = "fresh";
  #x: Exchange | undefined;
  #back: Responder | undefined;
  #isGone = false;
  /** Monotonic ms. */
  #sentAt = 0;
  #idleAt = 0;
  /** Changes whenever a byte moves. */
  #moved = 0;
  readonly #source: ByteSource;
  readonly #sink: SocketSink;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #options: TcpConnectionOptions;

  /** Takes over a connected socket whose bytes go to `received`. */
  constructor(socket: Socket, owner: ConnectionOwner, options: TcpConnectionOptions) {
    this.#socket = socket;
    this.#owner = owner;
    this.#options = options;
    this.#source = new ByteSource(socket, () => this.#finishIfOver());
    this.#sink = new SocketSink(socket, { value: 0 });
    socket.on("drain", () => this.#guarded(() => this.#x?.requestBody.drained()));
    socket.on("end", () => this.#guarded(() => this.#ended()));
    socket.on("error", () => this.#guarded(() => this.#fail(failures["upstream.reset"])));
    socket.on("close", () => this.#guarded(() => this.#closed()));
  }

  get status(): Status {
    if (this.#state === "closed") return "closed";
    return this.#state === "fresh" ? "open" : "busy";
  }

  get free(): number {
    return this.#state === "fresh" ? 1 : 0;
  }

  send(x: Exchange, back: Responder): void {
    if (this.#state !== "fresh") return fail(back, x, unprocessed);
    const now = this.#options.clock.now();
    x.holder = this;
    x.sent = true;
    x.answeredAt = now;
    this.#x = x;
    this.#back = back;
    this.#state = "silent";
    this.#sentAt = now;
    this.#idleAt = now + this.#options.idleTimeoutMs;
    this.#options.sweeper.add(this);
    x.requestBody.pipe(this.#sink);
    if (this.#source.hasSome) this.#answer();
  }

  cancel(x: Exchange, failure: Failure): void {
    if (x === this.#x) this.#fail(failure);
  }

  abandon(x: Exchange): void {
    if (x !== this.#x) return;
    this.#leave()?.finish(x);
    this.#owner.closed(this);
  }

  /** `bytes` are borrowed until it returns. */
  received(bytes: Buffer): void {
    this.#guarded(() => {
      if (this.#state === "silent") this.#answer();
      if (this.#state !== "closed") this.#source.push(bytes);
    });
  }

  check(now: number): void {
    const moved = this.#socket.bytesRead + this.#socket.bytesWritten - this.#socket.writableLength;
    if (moved !== this.#moved) {
      this.#moved = moved;
      this.#idleAt = now + this.#options.idleTimeoutMs;
    }
    if (now >= this.#idleAt) this.#fail(failures["connection.idle"]);
    else if (this.#state === "silent" && now >= this.#sentAt + PROVEN_MS) this.#answer();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#fail(failures["upstream.reset"]);
    return Promise.resolve();
  }

  #answer(): void {
    const x = this.#x as Exchange;
    this.#state = "answered";
    x.response.status = 200;
    x.responseBody = this.#source;
    this.#back?.respond(x);
  }

  #ended(): void {
    if (this.#state === "silent") this.#answer();
    this.#source.end();
  }

  /** Without an error before it, a socket closes when both halves are over. */
  #closed(): void {
    this.#isGone = true;
    if (this.#state !== "answered" || !this.#source.isOver || !this.#sink.hasEnded) {
      this.#fail(failures["upstream.reset"]);
    } else this.#finishIfOver();
  }

  /** The caller may take the last bytes when the socket is gone already. */
  #finishIfOver(): void {
    if (!this.#isGone || this.#state !== "answered" || !this.#source.hasEnded) return;
    const x = this.#x as Exchange;
    this.#leave()?.finish(x);
    this.#owner.closed(this);
  }

  /** Breaks the connection off, and ends the exchange, if there is one. */
  #fail(failure: Failure): void {
    if (this.#state === "closed") return;
    const x = this.#x;
    const wasAnswered = this.#state === "answered";
    const sink = this.#source.release();
    const back = this.#leave();
    if (x && wasAnswered) {
      x.broken = failure;
      sink?.fail(failure);
    } else if (x) {
      x.failure = failure;
      back?.respond(x);
    }
    if (x) back?.finish(x);
    this.#owner.closed(this);
  }

  /** Lets go of the exchange and of the socket. Returns whom to tell. */
  #leave(): Responder | undefined {
    const back = this.#back;
    if (this.#x?.holder === this) this.#x.holder = undefined;
    this.#x = undefined;
    this.#back = undefined;
    this.#state = "closed";
    this.#options.sweeper.remove(this);
    this.#source.release();
    if (!this.#socket.destroyed) this.#socket.resetAndDestroy();
    return back;
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.bug(error);
      this.#fail(failures.internal);
    }
  }
}
