/** What the pools of clusters share that are configured alike. */
import type { Clock } from "../base/time.ts";
import type { Transport } from "../http/transport.ts";
import type { ClusterSlots, Departure } from "./slots.ts";

export interface PoolOptions {
  /** So many connections are kept however long they are idle. */
  readonly minSize: number;
  readonly maxSize: number;
  /** How many wait for one of `maxSize` connections; who waits for one of its own to open is none of them. */
  readonly maxWaiters: number;
  /** How many wait in any case, for whatever. */
  readonly maxPending: number;
  /** How long a connection above `minSize` may be idle; `Infinity`: until the other side closes it. */
  readonly idleTimeMs: number;
  /** A connection older than this closes after its exchange. */
  readonly lifeTimeMs: number;
  readonly connectTimeoutMs: number;
  /** How long an exchange waits for a connection. */
  readonly waitMs: number;
}

export interface PoolKit {
  readonly pool: PoolOptions;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly slots: ClusterSlots;
  readonly departure?: Departure;
}
