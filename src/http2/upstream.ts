/** The way to endpoints that speak HTTP/2, by prior knowledge or as TLS has agreed on. */
import type { Address } from "../base/address.ts";
import type { Connection, ConnectionOwner, Transport } from "../http/transport.ts";
import { Http2Connection } from "./upstream-connection.ts";
import type { Http2TransportOptions } from "./upstream-options.ts";

export class Http2Transport implements Transport {
  readonly protocol = "h2";
  readonly #options: Http2TransportOptions;

  constructor(options: Http2TransportOptions) {
    this.#options = options;
  }

  /** Rejects with a ConnectError. */
  async connect(address: Address, owner: ConnectionOwner, signal: AbortSignal): Promise<Connection> {
    const { connector } = this.#options;
    let connection: Http2Connection | undefined;
    // An endpoint may speak first, in the same read as the end of its TLS handshake.
    const early: Buffer[] = [];
    const socket = await connector.connect(address.host, address.port, signal, (bytes) => {
      if (connection !== undefined) connection.received(bytes);
      else early.push(Buffer.from(bytes));
    });
    connection = new Http2Connection(socket, owner, this.#options);
    for (const bytes of early) connection.received(bytes);
    return connection;
  }
}
