/** What all routers of a process, or of a data worker, share. */
import type { HealthSource } from "./base/health.ts";
import type { Config } from "./config/config.ts";
import type { Rests } from "./cluster/rests.ts";
import type { ClusterSlots } from "./cluster/slots.ts";
import type { Layout } from "./http/exchange.ts";
import type { Interpreter } from "./naming/interpreter.ts";
import type { Path } from "./naming/path.ts";
import type { World } from "./naming-root.ts";
import type { Sweeper } from "./net/sweeper.ts";
import type { AccessLogSlots } from "./router/filters/access-log.ts";
import type { RecentRequests } from "./router/recent-requests.ts";
import type { RouterSlots } from "./router/slots.ts";
import type { OwnZone } from "./zone-linker.ts";

export interface DataPath {
  readonly config: Config;
  readonly world: World;
  readonly layout: Layout;
  readonly clusterSlots: ClusterSlots;
  readonly routerSlots: RouterSlots;
  /** Claimed by the first that asks. */
  readonly accessLogSlots: () => AccessLogSlots;
  readonly recent: RecentRequests;
  readonly sweeper: Sweeper;
  readonly rests: Rests;
  readonly bug: (error: unknown) => void;
  /** A worker's share of an absolute limit: of `workers` alike, rounded up. */
  readonly shareOf: (limit: number) => number;
  /** Where this daemon runs. */
  readonly zone: OwnZone;
}

/** Where a data path has its names bound: in this thread, or by the control thread. */
export interface BindingSource {
  /** By the key of the router's stack. */
  interpreterFor(key: string): Interpreter;
  /** Told when no endpoint of a bound id accepts connections; says whether its loss was held until now. */
  unreachable(id: Path): boolean;
  /** Who checks endpoints, for all workers. */
  readonly health: HealthSource;
}
