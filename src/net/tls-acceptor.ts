/** The TLS side of a listener: makes the handshake with each caller, and hands the secured socket on. */
import type { Socket } from "node:net";
import { Server, type TLSSocket } from "node:tls";
import type { Log } from "../base/log.ts";
import type { Counter } from "../base/metrics.ts";
import type { Clock } from "../base/time.ts";
import type { Accepted, ListenerOptions } from "./listener.ts";
import { setProof } from "./tls-peer.ts";
import { handshakeTrouble, refusalOf } from "./tls-trouble.ts";
import { Throttle } from "./tls-throttle.ts";
import type { ClientAuth, ServerIdentity } from "./tls-server.ts";

type Accept = ListenerOptions["accept"];

export interface HandshakeCounters {
  readonly ok: Counter;
  readonly resumed: Counter;
  readonly failed: Counter;
  /** Not over within the time. */
  readonly late: Counter;
  /** Not begun, because so many were under way. */
  readonly refused: Counter;
}

export interface TlsAcceptorOptions {
  readonly identity: ServerIdentity;
  readonly clientAuth: ClientAuth;
  /** What is spoken here, the preferred first: `h2`, `http/1.1`. */
  readonly alpn: readonly string[];
  readonly accept: Accept;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: HandshakeCounters;
  readonly handshakeTimeoutMs?: number;
  readonly maxHandshakes?: number;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;
const MAX_HANDSHAKES = 1000;
const REFUSALS_EVERY_MS = 1000;

/** Where the TLS server tells of a connection by its socket, the handshake is found by the caller's address and port. */
export class TlsAcceptor {
  readonly #server: Server;
  readonly #options: TlsAcceptorOptions;
  readonly #handshakes = new Map<string, Handshake>();
  readonly #throttle: Throttle;
  #identity: ServerIdentity;

  constructor(options: TlsAcceptorOptions) {
    this.#options = options;
    this.#identity = options.identity;
    this.#throttle = new Throttle(options.clock, REFUSALS_EVERY_MS);
    this.#server = new Server({
      ...options.identity.standard,
      ALPNProtocols: [...options.alpn],
      requestCert: options.clientAuth !== "none",
      rejectUnauthorized: options.clientAuth === "required",
      handshakeTimeout: this.#timeoutMs * 2,
      SNICallback: (name, done) => done(null, this.#identity.contextFor(name)),
    });
    this.#server.on("secureConnection", (socket) => this.#secured(socket));
    this.#server.on("tlsClientError", (error, socket) => this.#failed(error, socket));
  }

  /** Handshakes under way. */
  get pending(): number {
    return this.#handshakes.size;
  }

  /** Connections to come are shown it; sessions that began with the old one are not resumed. */
  use(identity: ServerIdentity): void {
    this.#identity = identity;
    this.#server.setSecureContext(identity.standard);
  }

  /** For a Listener: what it accepted goes on to `options.accept` when it is secured. */
  readonly accept: Accept = (raw, closed) => {
    const key = keyOf(raw);
    const handshake = new Handshake(raw, closed, () => this.#handshakes.delete(key));
    const { counters, maxHandshakes = MAX_HANDSHAKES } = this.#options;
    if (this.pending >= maxHandshakes || key === "") {
      counters.refused.value++;
      this.#say("too many handshakes are under way", raw.remoteAddress);
      raw.destroy();
      return handshake;
    }
    this.#handshakes.set(key, handshake);
    handshake.limit(this.#options.clock.timer(this.#timeoutMs, () => this.#late(handshake)));
    // Who closes a half of the connection before it is secured has left; from then on it is as it was.
    raw.allowHalfOpen = false;
    this.#server.emit("connection", raw);
    return handshake;
  };

  get #timeoutMs(): number {
    return this.#options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS;
  }

  #secured(socket: TLSSocket): void {
    const handshake = this.#handshakes.get(keyOf(socket));
    // Gone in the meantime.
    if (handshake === undefined) return void socket.destroy();
    const { clientAuth, counters, accept } = this.#options;
    const certificate = clientAuth === "none" ? undefined : socket.getPeerX509Certificate();
    if (certificate !== undefined && !socket.authorized) {
      counters.failed.value++;
      const refusal = refusalOf(String(socket.authorizationError), certificate);
      this.#say(refusal, socket.remoteAddress);
      socket.destroy();
      return;
    }
    if (certificate !== undefined) setProof(socket, certificate);
    (socket.isSessionReused() ? counters.resumed : counters.ok).value++;
    handshake.handOver(socket, accept);
  }

  #failed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    this.#options.counters.failed.value++;
    const { authorizationError: verdict, remoteAddress } = socket;
    if (verdict) this.#say(refusalOf(String(verdict)), remoteAddress);
    // A caller that left, or one that only looked whether the port is open, is nobody's trouble.
    else if (error.code !== "ECONNRESET") this.#say(handshakeTrouble(error), remoteAddress);
    socket.destroy();
  }

  #late(handshake: Handshake): void {
    this.#options.counters.late.value++;
    this.#say(`no handshake within ${this.#timeoutMs} ms`, handshake.remoteAddress);
    handshake.destroy();
  }

  #say(reason: string, peer: string | undefined): void {
    const unsaid = this.#throttle.admit(reason);
    if (unsaid < 0) return;
    const { log } = this.#options;
    log.info("tls.refused", { peer: peer ?? "unknown", reason, ...(unsaid > 0 ? { unsaid } : {}) });
  }
}

/** "" for a socket that is gone already. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? "" : `${remoteAddress} ${remotePort}`;
}

/** A connection before it is secured, and then a stand-in for what took it over. */
class Handshake implements Accepted {
  #inner: Accepted | undefined;
  #drains = false;
  #timer: Disposable | undefined;
  readonly remoteAddress: string | undefined;
  readonly #raw: Socket;
  readonly #closed: () => void;
  readonly #over: () => void;
  readonly #gone = (): void => {
    this.#end();
    this.#closed();
  };

  constructor(raw: Socket, closed: () => void, over: () => void) {
    this.#raw = raw;
    this.remoteAddress = raw.remoteAddress;
    this.#closed = closed;
    this.#over = over;
    raw.on("error", () => raw.destroy());
    raw.once("close", this.#gone);
  }

  limit(timer: Disposable): void {
    this.#timer = timer;
  }

  handOver(socket: TLSSocket, accept: Accept): void {
    this.#end();
    this.#raw.off("close", this.#gone);
    // A socket of TLS cannot be reset; what it runs over can.
    socket.resetAndDestroy = () => {
      this.#raw.resetAndDestroy();
      return socket;
    };
    socket.allowHalfOpen = true;
    this.#inner = accept(socket, this.#closed);
    if (this.#drains) this.#inner.drain();
  }

  /** A handshake under way is finished: the caller may learn that way that it should go elsewhere. */
  drain(): void {
    this.#drains = true;
    this.#inner?.drain();
  }

  destroy(): void {
    if (this.#inner) this.#inner.destroy();
    else this.#raw.destroy();
  }

  #end(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#over();
  }
}
