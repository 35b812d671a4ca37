/** Opens connections to addresses, by TCP or TLS, within a time. */
import net from "node:net";
import type { Resolver } from "../base/dialer.ts";
import type { Clock } from "../base/time.ts";
import type { Receive } from "./caller-socket.ts";
import { sharedReadViews } from "./read-buffer.ts";
import { type Securing, TlsDial } from "./tls-dial.ts";

type ConnectErrorCode = "connect.failed" | "connect.timeout" | "tls.failed";

/** Why no connection was made; `code` is the failure's. */
export class ConnectError extends Error {
  readonly code: ConnectErrorCode;
  constructor(code: ConnectErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ConnectError";
    this.code = code;
  }
}

export interface ConnectorOptions {
  readonly clock: Clock;
  /** For host names; IP literals are connected to at once. */
  readonly resolver: Resolver;
  /** For resolution, TCP and TLS together. */
  readonly timeoutMs?: number;
  /** Without it connections are plain. */
  readonly tls?: Securing;
}

const KEEP_ALIVE_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 1000;

export class Connector {
  readonly #clock: Clock;
  readonly #resolver: Resolver;
  readonly #timeoutMs: number;
  readonly #tls: Securing | undefined;
  /** Sockets are read one after the other, and each read is used up before the next. */
  readonly #views = sharedReadViews();

  constructor(options: ConnectorOptions) {
    this.#clock = options.clock;
    this.#resolver = options.resolver;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#tls = options.tls;
  }

  /** A connected, and if so wished secured, socket whose bytes go to `receive`. Rejects with a ConnectError, or the signal's reason. */
  async connect(host: string, port: number, signal: AbortSignal, receive: Receive): Promise<net.Socket> {
    signal.throwIfAborted();
    const attempt = new AbortController();
    const abort = (): void => attempt.abort(signal.reason);
    const late = (): void =>
      attempt.abort(new ConnectError("connect.timeout", `no connection to ${host}:${port} in ${this.#timeoutMs} ms`));
    signal.addEventListener("abort", abort, { once: true });
    const timer = this.#clock.timer(this.#timeoutMs, late);
    try {
      return await this.#open(await this.#resolve(host, attempt.signal), port, attempt.signal, receive);
    } catch (error) {
      if (attempt.signal.aborted) throw attempt.signal.reason;
      if (error instanceof ConnectError) throw error;
      throw new ConnectError("connect.failed", `no connection to ${host}:${port}: ${reason(error)}`, error);
    } finally {
      timer[Symbol.dispose]();
      signal.removeEventListener("abort", abort);
    }
  }

  async #resolve(host: string, signal: AbortSignal): Promise<string> {
    if (net.isIP(host) !== 0) return host;
    const { addresses } = await this.#resolver.addresses(host, signal);
    const first = addresses[0];
    if (first === undefined) throw new Error(`${host} has no address`);
    return first;
  }

  #open(host: string, port: number, signal: AbortSignal, receive: Receive): Promise<net.Socket> {
    signal.throwIfAborted();
    const views = this.#views;
    const options: net.TcpNetConnectOpts = {
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      allowHalfOpen: true,
      onread: {
        buffer: views.memory,
        callback: (length) => {
          receive(views.of(length));
          return true;
        },
      },
    };
    return this.#tls
      ? secured(new TlsDial(options, this.#tls), signal)
      : ready(net.connect(options), "connect", signal);
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The socket once `event` says that it is ready; an abort destroys it. Rejects with the signal's reason or the error. */
function ready<S extends net.Socket>(socket: S, event: "connect" | "secureConnect", signal: AbortSignal): Promise<S> {
  const { promise, resolve, reject } = Promise.withResolvers<S>();
  const abort = (): void => {
    socket.destroy();
    reject(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  socket.once("error", reject);
  socket.once(event, () => {
    signal.removeEventListener("abort", abort);
    socket.off("error", reject);
    resolve(socket);
  });
  return promise;
}

async function secured(dial: TlsDial, signal: AbortSignal): Promise<net.Socket> {
  const { socket } = dial;
  // Not in a later turn: bytes behind the handshake would find nobody.
  let trouble = "";
  socket.once("secureConnect", () => (trouble = dial.check()));
  try {
    await ready(socket, "secureConnect", signal);
  } catch (error) {
    const message = signal.aborted || !(error instanceof Error) ? "" : dial.explain(error);
    if (message === "") throw error;
    throw new ConnectError("tls.failed", message, error);
  }
  if (trouble === "") return socket;
  socket.destroy();
  throw new ConnectError("tls.failed", trouble);
}
