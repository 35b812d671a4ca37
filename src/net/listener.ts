/** A listening socket, with the connections that came by it. */
import net from "node:net";
import { readIntoSharedMemory } from "./caller-socket.ts";

/** What a listener needs of a connection that it handed out. */
export interface Accepted {
  /** Take no further request, and close as soon as the one under way is answered. */
  drain(): void;
  /** Close at once. */
  destroy(): void;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Several listeners, of this process or others, may share the address. */
  readonly reusePort?: boolean;
  /** A listening socket that is open already; `host` and `port` then only name it. It is this listener's from now on. */
  readonly fd?: number;
  /** Past it a new connection is closed at once. */
  readonly maxConnections?: number;
  /** Takes a socket over, and calls `closed` once when it is gone. */
  readonly accept: (socket: net.Socket, closed: () => void) => Accepted;
}

/** Why nothing listens; `code` is `listen.in_use` or `listen.failed`. */
export class ListenError extends Error {
  readonly code: "listen.in_use" | "listen.failed";
  constructor(code: "listen.in_use" | "listen.failed", message: string, cause: unknown) {
    super(message, { cause });
    this.name = "ListenError";
    this.code = code;
  }

  /** What a socket says that cannot listen there. */
  static of(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    if (error.code === "EADDRINUSE") return new ListenError("listen.in_use", `${address} is in use`, error);
    return new ListenError("listen.failed", `cannot listen on ${address}: ${error.message}`, error);
  }
}

const DEFAULT_MAX_CONNECTIONS = 65_536;
const BACKLOG = 1024;
const KEEP_ALIVE_MS = 60_000;

export class Listener implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #open = new Set<Accepted>();
  readonly #options: ListenerOptions;
  #closing: Promise<void> | undefined;
  /** Resolves when the last connection is gone. */
  #empty: (() => void) | undefined;

  private constructor(options: ListenerOptions) {
    this.#options = options;
    const forSockets = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    this.#server = net.createServer({ ...forSockets, pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  /** Rejects with a ListenError that names the address. */
  static async listen(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    await listener.#listen();
    return listener;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  get connections(): number {
    return this.#open.size;
  }

  /**
   * Accepts no more, lets what is under way finish, and at the deadline (or at once without one) destroys what is
   * left. Resolves when every connection is gone.
   */
  close(deadline?: AbortSignal): Promise<void> {
    const cut = (): void => this.#destroyAll();
    if (!deadline || deadline.aborted) {
      this.#closing ??= this.#close();
      cut();
      return this.#closing;
    }
    deadline.addEventListener("abort", cut, { once: true });
    this.#closing ??= this.#close();
    return this.#closing.finally(() => deadline.removeEventListener("abort", cut));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #listen(): Promise<void> {
    const { host, port, reusePort = false, fd } = this.#options;
    const place = fd === undefined ? { host, port, reusePort } : { fd };
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const failed = (error: NodeJS.ErrnoException): void => reject(ListenError.of(error, host, port));
    this.#server.once("error", failed);
    this.#server.listen({ ...place, backlog: BACKLOG }, () => {
      this.#server.off("error", failed);
      // What goes wrong with one connection to come (no descriptor left) is no end of the listener.
      this.#server.on("error", () => undefined);
      resolve();
    });
    return promise;
  }

  #accept(accepted: net.Socket): void {
    if (this.#closing || this.#open.size >= (this.#options.maxConnections ?? DEFAULT_MAX_CONNECTIONS)) {
      accepted.destroy();
      return;
    }
    let isOpen = true;
    const connection = this.#options.accept(readIntoSharedMemory(accepted), () => {
      isOpen = false;
      this.#open.delete(connection);
      if (this.#open.size === 0) this.#empty?.();
    });
    if (isOpen) this.#open.add(connection);
  }

  async #close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    const gone = Promise.withResolvers<void>();
    this.#empty = gone.resolve;
    if (this.#open.size === 0) gone.resolve();
    for (const connection of this.#open) connection.drain();
    await Promise.all([promise, gone.promise]);
  }

  #destroyAll(): void {
    for (const connection of this.#open) connection.destroy();
  }
}
