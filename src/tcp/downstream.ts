/** One TCP connection of a caller: one exchange, whose bodies are what the two sides send. */
import type { Socket } from "node:net";
import { type Failure, failure, failures } from "../base/failure.ts";
import { Exchange, type Responder } from "../http/exchange.ts";
import { HeaderList } from "../http/header-list.ts";
import { onBytes } from "../net/caller-socket.ts";
import { callerAddress } from "../net/caller-address.ts";
import type { Accepted } from "../net/listener.ts";
import type { Swept } from "../net/sweeper.ts";
import { ByteSource } from "./byte-source.ts";
import { ClientHelloReader, type HelloState } from "./client-hello.ts";
import type { TcpSite } from "./site.ts";
import { SocketSink } from "./socket-sink.ts";

/**
 * "hello": the TLS hello is being read. "busy": the exchange is under way. "closing": it is over, and its caller may
 * still take the last bytes. "closed": the socket is gone.
 */
type State = "hello" | "busy" | "closing" | "closed";

const badHello: Readonly<Partial<Record<HelloState, Failure>>> = {
  malformed: failure("request.malformed", "The connection does not begin with a TLS hello."),
  too_large: failure("request.head_too_large", "The TLS hello is larger than the limit."),
};
const lateHello = failure("request.timeout", "The TLS hello did not come in time.");
const noHello = failure("downstream.gone", "The caller left before it had sent a TLS hello.");

export class TcpDownstream implements Accepted, Responder, Swept {
  #state: State;
  /** Monotonic ms at which `check` ends the state. */
  #deadline: number;
  /** Changes whenever a byte of the answer moves. */
  #moved = 0;
  #hello: ClientHelloReader | undefined;
  readonly #source: ByteSource;
  readonly #sink: SocketSink;
  readonly #x: Exchange;
  readonly #socket: Socket;
  readonly #site: TcpSite;
  readonly #startedAt: number;
  readonly #closed: () => void;

  /** Takes the socket (made with `allowHalfOpen`) over; `closed` is called once, when it is gone. */
  constructor(socket: Socket, site: TcpSite, closed: () => void) {
    this.#socket = socket;
    this.#site = site;
    this.#closed = closed;
    this.#startedAt = site.clock.now();
    this.#source = new ByteSource(socket, () => undefined);
    this.#sink = new SocketSink(socket, site.sent);
    this.#x = newExchange(site);
    this.#x.downstream = this;
    this.#x.requestBody = this.#source;
    this.#x.remoteAddress = callerAddress(socket);
    this.#x.startedAt = this.#startedAt;
    this.#state = "hello";
    this.#deadline = this.#startedAt + site.settings.helloTimeoutMs;
    site.sweeper.add(this);
    onBytes(socket, (bytes) => this.#received(bytes));
    socket.on("end", () => this.#ended());
    socket.on("drain", () => this.#x.responseBody.drained());
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.#gone());
    if (site.readsHello) this.#hello = new ClientHelloReader();
    // Not from in here: whoever made this has not got it yet.
    else process.nextTick(() => this.#dispatch(""));
  }

  /** A connection is one exchange, so all that can be ended is one that has not begun. */
  drain(): void {
    if (this.#state === "hello") this.destroy();
  }

  /** Breaks the connection off; its endpoint is told. */
  destroy(): void {
    if (this.#state === "closed") return;
    const wasBusy = this.#state === "busy";
    this.#state = "closed";
    this.#site.sweeper.remove(this);
    this.#source.release();
    if (!this.#socket.destroyed) this.#socket.resetAndDestroy();
    if (wasBusy) this.#x.cancel(failures["downstream.gone"]);
    this.#closed();
  }

  respond(x: Exchange): void {
    if (this.#state === "busy" && x.failure === undefined) x.responseBody.pipe(this.#sink);
  }

  finish(x: Exchange): void {
    const isWhole = x.failure === undefined && x.broken === undefined && this.#sink.hasEnded;
    x.reset(this.#site.layout);
    if (this.#state !== "busy") return;
    this.#state = "closing";
    if (!isWhole || !this.#source.hasEnded) return this.destroy();
    this.#deadline = this.#site.clock.now() + this.#site.settings.lingerMs;
    this.#site.sweeper.add(this);
    if (this.#socket.destroyed) this.destroy();
  }

  check(now: number): void {
    const moved = this.#socket.bytesWritten - this.#socket.writableLength;
    if (this.#state === "closing" && moved !== this.#moved) {
      this.#moved = moved;
      this.#deadline = now + this.#site.settings.lingerMs;
    }
    if (now < this.#deadline) return;
    if (this.#state === "hello") this.#refuse(lateHello);
    else this.destroy();
  }

  #received(bytes: Buffer): void {
    this.#site.received.value += bytes.length;
    const hello = this.#hello;
    this.#source.push(bytes);
    if (hello === undefined) return;
    const state = hello.read(bytes);
    if (state === "named" || state === "nameless") this.#dispatch(hello.serverName);
    else if (state !== "pending") this.#refuse(badHello[state] ?? failures.internal);
  }

  #ended(): void {
    if (this.#hello === undefined) this.#source.end();
    else this.#refuse(noHello);
  }

  /** Where both halves were over, the endpoint may still take the last bytes. */
  #gone(): void {
    if (this.#state !== "busy" || !this.#source.isOver || !this.#sink.hasEnded) this.destroy();
  }

  /** An empty head, but for what a CONNECT would say: where the caller wanted to go. */
  #dispatch(serverName: string): void {
    if (this.#state !== "hello") return;
    this.#hello = undefined;
    this.#state = "busy";
    this.#site.sweeper.remove(this);
    this.#x.request.target = `${serverName}:${this.#site.port}`;
    try {
      this.#site.service.dispatch(this.#x);
    } catch (error) {
      this.#site.bug(error);
      this.destroy();
    }
  }

  #refuse(why: Failure): void {
    this.#site.refused(why);
    this.destroy();
  }
}

function newExchange({ layout }: TcpSite): Exchange {
  return new Exchange(
    { version: 11, method: "CONNECT", target: "", headers: new HeaderList() },
    { version: 11, status: 0, reason: "", headers: new HeaderList() },
    layout,
  );
}
