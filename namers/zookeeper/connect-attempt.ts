/** From a server's name to a connection that has shaken hands and given its credentials, within a time. */
import type { Duplex } from "node:stream";
import { Connection, type ConnectionEvents } from "./connection.ts";
import { serverName } from "./connect-string.ts";
import { giveCredentials } from "./credentials.ts";
import { JuteError } from "./jute.ts";
import { dialServer, isTlsAlert, type ServerTurn, tlsError } from "./dial-server.ts";
import type { ConnectRequest, ConnectResponse } from "./records.ts";
import type { ZkProofs, ZkWorld } from "./session-state.ts";

/** The server closed the connection instead of answering: it is not ready, or it has seen less than we have. */
export class HandshakeRefused extends Error {
  constructor(server: string, cause: Error) {
    super(`${server} closed the connection instead of answering`, { cause });
    this.name = "HandshakeRefused";
  }
}

export interface Attempt extends ServerTurn {
  readonly timeoutMs: number;
  readonly request: ConnectRequest;
  readonly proofs: ZkProofs;
  readonly events: ConnectionEvents;
  /** Called with the handshake's answer before credentials are given; throws to end the attempt. */
  accept(response: ConnectResponse): void;
}

/** Rejects with an Error that names the server; nothing is open then. */
export async function attemptConnection(attempt: Attempt, world: ZkWorld, signal: AbortSignal): Promise<Connection> {
  const name = serverName(attempt.server);
  const limit = new AbortController();
  const onAbort = (): void => limit.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = world.clock.timer(attempt.timeoutMs, () =>
    limit.abort(new Error(`${name} did not answer within ${attempt.timeoutMs} ms`)),
  );
  try {
    const { timeoutMs, proofs } = attempt;
    const socket = await dialServer(attempt, { timeoutMs, tls: proofs.tls }, world, limit.signal);
    return await greet(socket, attempt, world, limit.signal);
  } finally {
    timer[Symbol.dispose]();
    signal.removeEventListener("abort", onAbort);
  }
}

async function greet(socket: Duplex, attempt: Attempt, world: ZkWorld, signal: AbortSignal): Promise<Connection> {
  const connection = new Connection(socket, world.clock, attempt.events);
  const abort = (): void => connection.end(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    attempt.accept(await shakeHands(connection, attempt, signal));
    await giveCredentials(connection, attempt.proofs);
    if (connection.ended) throw new Error(`${serverName(attempt.server)} closed the connection`);
    return connection;
  } catch (error) {
    connection.end(error as Error);
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function shakeHands(connection: Connection, attempt: Attempt, signal: AbortSignal): Promise<ConnectResponse> {
  try {
    return await connection.handshake(attempt.request);
  } catch (error) {
    signal.throwIfAborted();
    const cause = error as Error;
    if (isTlsAlert(cause)) throw tlsError(attempt.server, cause.message, cause);
    const name = serverName(attempt.server);
    if (cause instanceof JuteError)
      throw new Error(`${name} makes no session (without a quorum it needs localSessionsEnabled=true)`, {
        cause: error,
      });
    throw new HandshakeRefused(name, cause);
  }
}
