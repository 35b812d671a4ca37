/** A listening socket, with the connections that came by it. */
import { once } from "node:events";
import net from "node:net";
import { readIntoSharedMemory } from "./caller-socket.ts";
import { type ListenPlace, openPlace } from "./listen-place.ts";

/** What a listener needs of a connection that it handed out. */
export interface Accepted {
  /** Take no further request, and close as soon as the one under way is answered. */
  drain(): void;
  /** Close at once. */
  destroy(): void;
}

export interface ListenerOptions extends ListenPlace {
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
    const why = { EACCES: "ports below 1024 are for root", EADDRNOTAVAIL: "no such address is this machine's" };
    const said = Object.entries(why).find(([code]) => code === error.code)?.[1] ?? error.message;
    return new ListenError("listen.failed", `cannot listen on ${address}: ${said}`, error);
  }
}

const KEEP_ALIVE_MS = 60_000;

/** Connections of callers that a listener has at most, where nobody says. */
export const defaultMaxConnections = 65_536;

export class Listener implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #open = new Set<Accepted>();
  #options: ListenerOptions;
  #closing: Promise<void> | undefined;
  #fd: number | undefined;
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

  /** Connections to come are taken over so from now on; those that are open go on as they are. */
  use(options: Pick<ListenerOptions, "accept" | "maxConnections">): void {
    this.#options = { ...this.#options, ...options };
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  get connections(): number {
    return this.#open.size;
  }

  /** The descriptor of the listening socket, to be passed on to another process; `undefined` where nobody can tell. */
  get fd(): number | undefined {
    return this.#fd;
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

  async #listen(): Promise<void> {
    const { host, port } = this.#options;
    try {
      const { options, fd } = openPlace(this.#options);
      this.#server.listen(options);
      await once(this.#server, "listening");
      this.#fd = fd;
    } catch (error) {
      throw ListenError.of(error as NodeJS.ErrnoException, host, port);
    }
    // What goes wrong with one connection to come (no descriptor left) is no end of the listener.
    this.#server.on("error", () => undefined);
  }

  #accept(accepted: net.Socket): void {
    if (this.#closing || this.#open.size >= (this.#options.maxConnections ?? defaultMaxConnections)) {
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
