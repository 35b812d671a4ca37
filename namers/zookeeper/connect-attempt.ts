/** From a server's name to a connection that has shaken hands and given its credentials, within a time. */
import type { Duplex } from "node:stream";
import { Connection, type ConnectionEvents } from "./connection.ts";
import { serverName, type ZkServer } from "./connect-string.ts";
import { JuteWriter } from "./jute.ts";
import { type ConnectRequest, type ConnectResponse, Op, Xid } from "./records.ts";
import type { ZkAuth, ZkWorld } from "./session-state.ts";
import { ZkError, zkErrorOf } from "./zk-error.ts";

/** The server closed the connection instead of answering: it is not ready, or it has seen less than we have. */
export class HandshakeRefused extends Error {
  constructor(server: string, cause: Error) {
    super(`${server} closed the connection instead of answering`, { cause });
    this.name = "HandshakeRefused";
  }
}

export interface Attempt {
  readonly server: ZkServer;
  readonly timeoutMs: number;
  readonly request: ConnectRequest;
  readonly auth: readonly ZkAuth[];
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
    const socket = await dial(attempt, world, limit.signal);
    return await greet(socket, attempt, world, limit.signal);
  } finally {
    timer[Symbol.dispose]();
    signal.removeEventListener("abort", onAbort);
  }
}

async function dial(attempt: Attempt, world: ZkWorld, signal: AbortSignal): Promise<Duplex> {
  signal.throwIfAborted();
  const { host, port } = attempt.server;
  const { addresses } = await world.resolve.addresses(host, signal);
  const address = addresses[Math.floor(world.random.next() * addresses.length)];
  if (address === undefined) throw new Error(`${host} has no address`);
  const socket = await world.dial.connect(address, port, { timeoutMs: attempt.timeoutMs }, signal);
  if (!signal.aborted) return socket;
  socket.destroy();
  throw signal.reason as Error;
}

async function greet(socket: Duplex, attempt: Attempt, world: ZkWorld, signal: AbortSignal): Promise<Connection> {
  const connection = new Connection(socket, world.clock, attempt.events);
  const abort = (): void => connection.end(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    attempt.accept(await shakeHands(connection, attempt, signal));
    for (const auth of attempt.auth) await giveCredentials(connection, auth);
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
    throw new HandshakeRefused(serverName(attempt.server), error as Error);
  }
}

function giveCredentials(connection: Connection, auth: ZkAuth): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const secret = typeof auth.value === "string" ? auth.value : auth.value.reveal();
  const body = new JuteWriter().int(0).string(auth.scheme).buffer(Buffer.from(secret)).done();
  const what = `credentials of scheme ${auth.scheme}`;
  connection.send(
    Op.auth,
    body,
    {
      what,
      answered: (error) => (error === 0 ? resolve() : reject(asAuthFailed(error, what))),
      lost: (cause) => reject(new ZkError("CONNECTION_LOSS", what, { cause })),
    },
    Xid.auth,
  );
  return promise;
}

function asAuthFailed(error: number, what: string): ZkError {
  const cause = zkErrorOf(error, what);
  return cause.code === "AUTH_FAILED" ? new ZkError("AUTH_FAILED", `the server refuses the ${what}`) : cause;
}
