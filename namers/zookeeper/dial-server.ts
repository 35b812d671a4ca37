/** Opens a byte stream to one ZooKeeper server: one address of its name, over TLS where that is said. */
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { serverName, type ZkServer } from "./connect-string.ts";
import type { ZkTls, ZkWorld } from "./session-state.ts";

export interface ServerTurn {
  readonly server: ZkServer;
  /** How often it was tried: each time another address of its name is called. */
  readonly turn: number;
}

export interface DialOptions {
  readonly timeoutMs: number;
  /** Plain without it. */
  readonly tls?: (() => Promise<ZkTls>) | undefined;
}

/** Rejects with an Error that says why, and leaves nothing open then. */
export async function dialServer(
  { server, turn }: ServerTurn,
  { timeoutMs, tls }: DialOptions,
  world: ZkWorld,
  signal: AbortSignal,
): Promise<Duplex> {
  signal.throwIfAborted();
  const { host, port } = server;
  const security = await tls?.();
  const { addresses } = await world.resolve.addresses(host, signal);
  // Name servers shuffle their answers.
  const address = addresses.toSorted()[turn % addresses.length];
  if (address === undefined) throw new Error(`${host} has no address`);
  const socket = await world.dial.connect(address, port, { timeoutMs }, signal);
  if (signal.aborted) {
    socket.destroy();
    throw signal.reason as Error;
  }
  return security ? secured(socket, server, security, signal) : socket;
}

/** TLS over `socket`, which is closed when the handshake fails or is given up. */
function secured(socket: Duplex, server: ZkServer, tls: ZkTls, signal: AbortSignal): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const secure = connectTls(tlsOptions(socket, tls.name ?? server.host, tls));
  const failed = (error: Error): void => {
    signal.removeEventListener("abort", aborted);
    secure.destroy();
    socket.destroy();
    reject(signal.aborted ? (signal.reason as Error) : tlsError(server, error.message, error));
  };
  const closed = (): void => failed(new Error("the server closed the connection during the handshake"));
  const aborted = (): void => failed(signal.reason as Error);
  signal.addEventListener("abort", aborted, { once: true });
  secure.once("error", failed);
  secure.once("close", closed);
  secure.once("secureConnect", () => {
    signal.removeEventListener("abort", aborted);
    secure.off("error", failed);
    secure.off("close", closed);
    resolve(secure);
  });
  return promise;
}

function tlsOptions(socket: Duplex, name: string, tls: ZkTls): ConnectionOptions {
  const { ca, cert, key, validates, protocols } = tls;
  const [only, other] = protocols;
  return {
    socket,
    host: name,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(only !== undefined && other === undefined ? { minVersion: only, maxVersion: only } : { minVersion: "TLSv1.2" }),
    rejectUnauthorized: validates,
  };
}

/** A server that wants a certificate says so behind a handshake of TLS 1.3. */
export function isTlsAlert(error: Error): boolean {
  return "code" in error && String(error.code).startsWith("ERR_SSL_");
}

export function tlsError(server: ZkServer, why: string, cause?: Error): Error {
  return new Error(`TLS with ${serverName(server)}: ${why}`, { cause });
}
