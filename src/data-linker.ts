/** The data half of a daemon, in whatever thread: routers, clusters, connections. */
import type { RouterPart, RouterQuery } from "./admin/state.ts";
import { routerParts } from "./admin-source.ts";
import type { Scope } from "./base/scope.ts";
import { ClusterSlots } from "./cluster/slots.ts";
import type { Config } from "./config/config.ts";
import type { BindingSource, DataPath } from "./data-path.ts";
import { Layout } from "./http/exchange.ts";
import type { World } from "./naming-root.ts";
import { Sweeper } from "./net/sweeper.ts";
import { type LinkedRouter, type LinkedServer, linkRouter } from "./router-linker.ts";
import { RouterSlots } from "./router/slots.ts";

export interface DataParts {
  readonly config: Config;
  readonly world: World;
  readonly naming: BindingSource;
  readonly bug: (error: unknown) => void;
  /** Of how many alike this is one; absolute limits are divided among them. */
  readonly workers: number;
  readonly placesOf: DataPath["placesOf"];
}

export interface DataHalf {
  readonly servers: readonly LinkedServer[];
  view(query: RouterQuery): readonly RouterPart[];
  /** Accepts no more, and lets what is under way finish until the deadline. */
  drain(deadline: AbortSignal): Promise<void>;
}

/** Resolves when every server listens. What was opened belongs to `scope`. */
export async function linkData(parts: DataParts, scope: Scope): Promise<DataHalf> {
  const { config, world, naming, bug, workers, placesOf } = parts;
  const layout = new Layout();
  const clusterSlots = new ClusterSlots(layout);
  const routerSlots = new RouterSlots(layout, clusterSlots);
  const sweeper = scope.own(new Sweeper(world.clock));
  const shareOf = (limit: number): number => Math.ceil(limit / Math.max(1, workers));
  const data: DataPath = { config, world, layout, clusterSlots, routerSlots, sweeper, bug, placesOf, shareOf };
  const routers: LinkedRouter[] = [];
  for (const router of config.routers) routers.push(await linkRouter(router, naming, data, scope));
  return {
    servers: routers.flatMap((router) => router.servers),
    view: (query) => routerParts(routers, query),
    drain: async (deadline) => {
      await Promise.all(routers.map((router) => router.drain(deadline)));
    },
  };
}
