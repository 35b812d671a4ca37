/** What all connections of one listening TCP server share. */
import type { Failure } from "../base/failure.ts";
import type { Counter } from "../base/metrics.ts";
import type { Clock } from "../base/time.ts";
import type { Layout, Service } from "../http/exchange.ts";
import type { Sweeper } from "../net/sweeper.ts";
import type { TcpSettings } from "./settings.ts";

export interface TcpSite {
  /** The first stage of the server tier, whose upper end is `toDownstream`. */
  readonly service: Service;
  readonly layout: Layout;
  readonly settings: TcpSettings;
  /** As the configuration says it, also where that left it to the system. */
  readonly port: number;
  /** Whether a connection must begin with a TLS hello, which is read for the server's name. */
  readonly readsHello: boolean;
  readonly clock: Clock;
  readonly sweeper: Sweeper;
  /** Bytes that callers sent, and that they were sent. */
  readonly received: Counter;
  readonly sent: Counter;
  /** Hears of what was thrown while a connection was handled. Its caller was cut off. */
  readonly bug: (error: unknown) => void;
  /** Hears of each connection that was cut off before it could be dispatched. */
  readonly refused: (failure: Failure) => void;
}
