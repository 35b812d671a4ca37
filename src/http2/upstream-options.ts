/** What all connections to endpoints of one cluster share. */
import type { Clock } from "../base/time.ts";
import type { Connector } from "../net/connector.ts";
import type { Sweeper } from "../net/sweeper.ts";
import type { Http2Settings } from "./settings.ts";

export interface Http2TransportOptions {
  readonly connector: Connector;
  readonly settings: Http2Settings;
  readonly clock: Clock;
  readonly sweeper: Sweeper;
  /** Hears of what was thrown while an answer was handled. The connection was closed. */
  readonly bug: (error: unknown) => void;
}
