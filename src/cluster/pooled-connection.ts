/** What a pool knows of one of its connections. */
import type { Connection } from "../http/transport.ts";

export class PooledConnection {
  readonly connection: Connection;
  readonly bornAt: number;
  /** Whether it belongs to its pool still. */
  isKept = true;
  inFlight = 0;
  idleSince: number;
  /** Whether it stands in the stack of those that can take an exchange, and between which. */
  isStacked = false;
  above: PooledConnection | undefined;
  below: PooledConnection | undefined;
  constructor(connection: Connection, now: number) {
    this.connection = connection;
    this.bornAt = now;
    this.idleSince = now;
  }
}
