/** What clusters share that are configured alike, and what the configuration says of them. */
import type { Log } from "../base/log.ts";
import type { EquipmentKit } from "./equipment.ts";
import type { PoolOptions } from "./pool-kit.ts";
import type { Rests } from "./rests.ts";

export interface ClusterOptions {
  /** How many exchanges wait for the first set of addresses. */
  readonly maxPending: number;
  /** How long they wait. */
  readonly bindingTimeoutMs: number;
  /** How long exchanges on a removed endpoint may take to end. */
  readonly drainMs: number;
  /** So many connects must fail in a row to make an endpoint busy; `Infinity`: failed connects are accrual's. */
  readonly connectFailuresToBusy: number;
  readonly pool: PoolOptions;
}

/** What clusters share that are configured alike. */
export interface ClusterKit extends ClusterOptions, EquipmentKit {
  readonly log: Log;
  /** Without it, endpoints stay awake. */
  readonly rests?: Rests;
  /**
   * Called when no endpoint of a cluster accepts connections, once for each set and each news of a hold; says whether
   * there was one.
   */
  readonly onUnreachable?: (id: string) => boolean;
}
