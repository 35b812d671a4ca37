/** Byte streams over this host's own network. */
import { connect as connectSocket, isIP, type Socket } from "node:net";
import { addressKey } from "./address.ts";
import type { Dialer, DialOptions, Resolver } from "./dialer.ts";
import type { Clock } from "./time.ts";

export const DEFAULT_CONNECT_MS = 3000;

/** Errors carry `code`: ETIMEDOUT when the time is over, else the system's or the resolver's, such as ECONNREFUSED. */
export class SystemDialer implements Dialer {
  readonly #clock: Clock;
  readonly #resolver: Resolver;

  constructor(clock: Clock, resolver: Resolver) {
    this.#clock = clock;
    this.#resolver = resolver;
  }

  /** The addresses of a host name are tried in their order; the time is for all of it together. */
  async connect(host: string, port: number, options: DialOptions, signal: AbortSignal): Promise<Socket> {
    signal.throwIfAborted();
    const target = addressKey({ host, port, weight: 1 });
    const limitMs = options.timeoutMs ?? DEFAULT_CONNECT_MS;
    const end = new AbortController();
    const timer = this.#clock.timer(limitMs, () => end.abort(dialError(target, "ETIMEDOUT", `not in ${limitMs} ms`)));
    const stopped = (): void => end.abort(signal.reason);
    signal.addEventListener("abort", stopped, { once: true });
    try {
      return await this.#connectAny(host, port, end.signal);
    } catch (error) {
      if (end.signal.aborted) throw end.signal.reason;
      const code = error instanceof Error && "code" in error ? String(error.code) : "EIO";
      throw dialError(target, code, error instanceof Error ? error.message : String(error), error);
    } finally {
      timer[Symbol.dispose]();
      signal.removeEventListener("abort", stopped);
    }
  }

  async #connectAny(host: string, port: number, signal: AbortSignal): Promise<Socket> {
    if (isIP(host) !== 0) return connectOne(host, port, signal);
    const { addresses } = await this.#resolver.addresses(host, signal);
    let last: unknown = Object.assign(new Error("no addresses"), { code: "ENOTFOUND" });
    for (const address of addresses) {
      try {
        return await connectOne(address, port, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        last = error;
      }
    }
    throw last;
  }
}

function connectOne(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host, port, noDelay: true });
    const settle = (): void => {
      socket.off("connect", connected);
      socket.off("error", refused);
      signal.removeEventListener("abort", aborted);
    };
    const connected = (): void => {
      settle();
      resolve(socket);
    };
    const refused = (error: Error): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const aborted = (): void => refused(signal.reason as Error);
    socket.once("connect", connected);
    socket.once("error", refused);
    signal.addEventListener("abort", aborted, { once: true });
    if (signal.aborted) aborted();
  });
}

function dialError(target: string, code: string, why: string, cause?: unknown): Error {
  return Object.assign(new Error(`cannot connect to ${target}: ${why}`, { cause }), { code });
}
