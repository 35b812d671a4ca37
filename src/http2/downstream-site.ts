/** What all HTTP/2 connections of one listening server share. */
import type { Clock } from "../base/time.ts";
import type { Layout, Service } from "../http/exchange.ts";
import type { Sweeper } from "../net/sweeper.ts";
import type { Http2Settings } from "./settings.ts";

/** `service` and `layout` are read for each request, so a reload sets them anew; requests in flight keep the old ones. */
export interface Http2Site {
  /** The first stage of the server tier, whose upper end is `toDownstream`. */
  service: Service;
  layout: Layout;
  readonly settings: Http2Settings;
  readonly clock: Clock;
  readonly sweeper: Sweeper;
  /** Hears of what was thrown while a request was handled. The caller got a 500. */
  readonly bug: (error: unknown) => void;
  /** Hears of each request that was refused before it could be dispatched, with the status and code of the answer. */
  readonly refused?: (status: number, code: string, remoteAddress: string) => void;
}
