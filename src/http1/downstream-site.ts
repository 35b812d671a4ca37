/** What all connections of one listening server share. */
import type { Socket } from "node:net";
import type { Clock } from "../base/time.ts";
import type { Layout, Service } from "../http/exchange.ts";
import type { Accepted } from "../net/listener.ts";
import type { Sweeper } from "../net/sweeper.ts";
import type { RequestHeadReader } from "./request-head.ts";
import type { Http1Settings } from "./settings.ts";

/** `service` and `layout` are read for each request, so a reload sets them anew; requests in flight keep the old ones. */
export interface DownstreamSite {
  /** The first stage of the server tier, whose upper end is `toDownstream`. */
  service: Service;
  layout: Layout;
  readonly settings: Http1Settings;
  readonly clock: Clock;
  readonly sweeper: Sweeper;
  /** Hears of what was thrown while a request was handled. The caller got a 500. */
  readonly bug: (error: unknown) => void;
  /** Hears of each request that was refused before it could be dispatched, with the status and code of the answer. */
  readonly refused?: (status: number, code: string, remoteAddress: string) => void;
  /**
   * Takes over a connection whose caller asked for `Upgrade: h2c` in due form, by a request without a body; `head` is
   * borrowed, `rest` is what came behind it. Whoever takes it answers 101 itself, and calls `closed` when the socket is
   * gone. Undefined, or without it: the request is served as if it had not asked.
   */
  readonly upgradeToH2?: (
    socket: Socket,
    head: RequestHeadReader,
    rest: Buffer,
    closed: () => void,
  ) => Accepted | undefined;
}
