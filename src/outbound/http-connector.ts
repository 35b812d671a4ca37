/** Connections to one HTTP origin: plain or over TLS, straight or through a proxy. */
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { suiteSettings } from "../base/cipher-suites.ts";
import type { Dialer } from "../base/dialer.ts";
import type { HttpOrigin, HttpTls } from "../base/http.ts";
import { proxyTunnel } from "./proxy-tunnel.ts";

const HTTP1: readonly string[] = ["http/1.1"];

export class HttpConnector {
  readonly #origin: HttpOrigin;
  readonly #dial: Dialer;
  readonly #protocols: readonly string[];

  /** `protocols` are offered by ALPN, the first one rather. */
  constructor(origin: HttpOrigin, dial: Dialer, protocols: readonly string[] = HTTP1) {
    this.#origin = origin;
    this.#dial = dial;
    this.#protocols = protocols;
  }

  /** Rejects with the reason, and leaves nothing open then. */
  async connect(timeoutMs: number, signal: AbortSignal): Promise<Duplex> {
    const { host, port, proxy, tls } = this.#origin;
    const next = proxy ?? { host, port };
    const socket = await this.#dial.connect(next.host, next.port, { timeoutMs }, signal);
    const proxyTls = proxy?.tls;
    if (tls === undefined && proxyTls === undefined) return socket;
    // A reset is an error of the connection also while files are read, when nobody else listens.
    let broken: Error | undefined;
    socket.on("error", (error) => (broken ??= error));
    const settled = async <T>(made: T | Promise<T>): Promise<T> => {
      const value = await made;
      if (socket.destroyed) throw broken ?? new Error("the connection closed before the TLS handshake");
      return value;
    };
    const abort = (): void => void socket.destroy(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    try {
      signal.throwIfAborted();
      const near = proxyTls === undefined ? socket : await secured(socket, next.host, await settled(proxyTls()), HTTP1);
      if (tls === undefined) return near;
      const early = proxy === undefined ? 0 : await proxyTunnel(near, proxy, `${bracketed(host)}:${port}`);
      // A server speaks only after the client's hello: what stands behind the head is not its.
      if (early > 0) throw new Error("the proxy sent more than its answer");
      return await secured(near, host, await settled(tls()), this.#protocols);
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}

function secured(socket: Duplex, host: string, tls: HttpTls, protocols: readonly string[]): Promise<Duplex> {
  const name = tls.serverName ?? host;
  const { minVersion, maxVersion } = suiteSettings({ protocols: tls.protocols ?? [] });
  const options: ConnectionOptions = {
    socket,
    minVersion,
    maxVersion,
    host: name,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(tls.ca === undefined ? {} : { ca: tls.ca as string | Buffer | (string | Buffer)[] }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    rejectUnauthorized: tls.disableValidation !== true,
    ALPNProtocols: [...protocols],
  };
  return new Promise((resolve, reject) => {
    const secure = connectTls(options);
    const closed = (): void => reject(new Error("the connection closed during the TLS handshake"));
    secure.once("error", reject);
    secure.once("close", closed);
    secure.once("secureConnect", () => {
      secure.off("error", reject);
      secure.off("close", closed);
      resolve(secure);
    });
  });
}

/** An IPv6 address as it stands in an authority. */
export const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** An origin, for people. */
export function shownOrigin({ host, port, tls }: HttpOrigin): string {
  return `${tls ? "https" : "http"}://${bracketed(host)}:${port}`;
}
