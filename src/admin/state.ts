/** What the admin page and `linkspan names` show: a picture of this moment, read from what the data path itself uses. */
import type { WatchView } from "../naming/namer.ts";

export interface EndpointState {
  readonly address: string;
  readonly weight: number;
  readonly status: "open" | "busy" | "closed";
  /** Why it is not open; empty when it is. */
  readonly reason: string;
  readonly pending: number;
  readonly requests: number;
  readonly failures: number;
  readonly latencyMs: number;
  readonly connections: number;
}

export interface ClusterState {
  readonly id: string;
  readonly state: "pending" | "ok" | "stale" | "held" | "failed";
  readonly cause?: string;
  readonly revision?: string;
  readonly endpoints: readonly EndpointState[];
}

export interface RouteState {
  readonly name: string;
  readonly state: "pending" | "ok" | "stale" | "held" | "failed" | "negative";
  readonly cause?: string;
  readonly clusters: readonly string[];
  readonly requests: number;
  readonly failures: number;
  readonly pending: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface RouterState {
  readonly label: string;
  readonly servers: readonly string[];
  readonly routes: readonly RouteState[];
  readonly clusters: readonly ClusterState[];
}

export interface NamerState {
  readonly prefix: string;
  readonly kind: string;
  readonly watches: readonly WatchView[];
}

/** What the linker hands to the admin port. */
export interface AdminSource {
  readonly version: string;
  routers(): readonly RouterState[];
  namers(): readonly NamerState[];
}

export interface Page {
  /** Part of a name, in any case; empty for all. */
  readonly search: string;
  /** From 0. */
  readonly page: number;
  readonly pageSize: number;
}

export interface PagedRouter extends RouterState {
  readonly totalRoutes: number;
}

export interface AdminState {
  readonly at: number;
  readonly version: string;
  readonly routers: readonly PagedRouter[];
  readonly namers: readonly NamerState[];
}

/** One page of routes, with the clusters that they use: thousands of names never leave at once. */
export function pageOf(source: AdminSource, page: Page, at: number): AdminState {
  const needle = page.search.toLowerCase();
  const routers = source.routers().map((router) => {
    const found = router.routes.filter((route) => route.name.toLowerCase().includes(needle));
    const routes = found.slice(page.page * page.pageSize, (page.page + 1) * page.pageSize);
    const used = new Set(routes.flatMap((route) => route.clusters));
    const clusters = router.clusters.filter((cluster) => used.has(cluster.id));
    return { ...router, routes, clusters, totalRoutes: found.length };
  });
  const namers = source.namers().map((namer) => ({ ...namer, watches: namer.watches.slice(0, page.pageSize) }));
  return { at, version: source.version, routers, namers };
}
