/** A protocol's way upstream. */
import type { Address } from "../base/address.ts";
import type { Exchange, Responder } from "./exchange.ts";

/** How ready something is to take an exchange. */
export type Status = "open" | "busy" | "closed";

export interface Transport {
  readonly protocol: "http/1.1" | "h2" | "tcp";
  /** Rejects with an Error whose `code` tells refused from timed out. `owner` hears of the connection's life. */
  connect(address: Address, owner: ConnectionOwner, signal: AbortSignal): Promise<Connection>;
}

/** The pool that a connection belongs to. */
export interface ConnectionOwner {
  /** The connection can take (another) exchange. */
  freed(connection: Connection): void;
  /** The connection is gone; once. An exchange on it has been answered before. */
  closed(connection: Connection): void;
}

/** One upstream connection. */
export interface Connection extends AsyncDisposable {
  readonly status: Status;
  /** Exchanges that it can take now: 0 or 1 for HTTP/1, the remaining streams for HTTP/2. */
  readonly free: number;
  /** Sends the exchange and answers to `back`. Never throws: how the attempt ended arrives on the exchange. */
  send(x: Exchange, back: Responder): void;
}
