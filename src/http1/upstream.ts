/** The way to endpoints that speak HTTP/1. */
import type { Address } from "../base/address.ts";
import type { Connection, ConnectionOwner, Transport } from "../http/transport.ts";
import type { Connector } from "../net/connector.ts";
import type { HeadLimits } from "./limits.ts";
import { Http1Connection } from "./upstream-connection.ts";

export interface Http1TransportOptions {
  readonly connector: Connector;
  /** For the heads of answers. */
  readonly limits: HeadLimits;
  /** Hears of what was thrown while an answer was handled. The exchange was cancelled. */
  readonly bug: (error: unknown) => void;
}

export class Http1Transport implements Transport {
  readonly protocol = "http/1.1";
  readonly #options: Http1TransportOptions;

  constructor(options: Http1TransportOptions) {
    this.#options = options;
  }

  /** Rejects with a ConnectError. */
  async connect(address: Address, owner: ConnectionOwner, signal: AbortSignal): Promise<Connection> {
    const { connector, limits, bug } = this.#options;
    let connection: Http1Connection | undefined;
    const socket = await connector.connect(address.host, address.port, signal, (bytes) => connection?.received(bytes));
    connection = new Http1Connection(socket, owner, limits, bug);
    return connection;
  }
}
