/** The way to endpoints that are sent bytes as they come. */
import type { Address } from "../base/address.ts";
import type { Clock } from "../base/time.ts";
import type { Connection, ConnectionOwner, Transport } from "../http/transport.ts";
import type { Connector } from "../net/connector.ts";
import type { Sweeper } from "../net/sweeper.ts";
import { TcpConnection } from "./upstream-connection.ts";

export interface TcpTransportOptions {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly sweeper: Sweeper;
  /** How long no byte may move, in either direction. */
  readonly idleTimeoutMs: number;
  /** Hears of what was thrown while bytes were passed on. The exchange was cancelled. */
  readonly bug: (error: unknown) => void;
}

export class TcpTransport implements Transport {
  readonly protocol = "tcp";
  readonly #options: TcpTransportOptions;

  constructor(options: TcpTransportOptions) {
    this.#options = options;
  }

  /** Rejects with a ConnectError. */
  async connect(address: Address, owner: ConnectionOwner, signal: AbortSignal): Promise<Connection> {
    let connection: TcpConnection | undefined;
    const early: Buffer[] = [];
    const receive = (bytes: Buffer): void => {
      if (connection === undefined) early.push(Buffer.from(bytes));
      else connection.received(bytes);
    };
    const socket = await this.#options.connector.connect(address.host, address.port, signal, receive);
    connection = new TcpConnection(socket, owner, this.#options);
    for (const bytes of early) connection.received(bytes);
    return connection;
  }
}
