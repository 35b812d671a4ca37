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
  /** How much it gets of what it would, as its balancer has it: 0 for nothing, not there for all. */
  readonly share?: number;
}

export interface ClusterState {
  readonly id: string;
  readonly state: "pending" | "ok" | "stale" | "held" | "failed";
  readonly cause?: string;
  readonly revision?: string;
  /** Among whom its balancer chooses, where that is not all, or in panic. */
  readonly offered?: "zone" | "panic";
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

/** Which routes are asked for. */
export interface RouterQuery {
  /** Part of a name, in any case; empty for all. */
  readonly search: string;
  /** How many routes at most, the first ones by name; Infinity for all. */
  readonly limit: number;
}

/** What one thread shows of a router: some routes, with the clusters that they use, and how the rest is called. */
export interface RouterPart extends RouterState {
  /** The names of all routes that match, sorted; `routes` are the first of them. */
  readonly names: readonly string[];
}

/** What the linker hands to the admin port. */
export interface AdminSource {
  readonly version: string;
  /** With every thread's numbers added up. A thread that does not answer in time is left out. */
  routers(query: RouterQuery): Promise<readonly RouterPart[]>;
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
export async function pageOf(source: AdminSource, page: Page, at: number): Promise<AdminState> {
  const end = (page.page + 1) * page.pageSize;
  const parts = await source.routers({ search: page.search, limit: end });
  const routers = parts.map(({ names, ...router }) => {
    const routes = router.routes.slice(page.page * page.pageSize, end);
    return { ...router, routes, clusters: clustersOf(routes, router.clusters), totalRoutes: names.length };
  });
  const namers = source.namers().map((namer) => ({ ...namer, watches: namer.watches.slice(0, page.pageSize) }));
  return { at, version: source.version, routers, namers };
}

/** The part of a router that a query is about. */
export function partOf(router: RouterState, { search, limit }: RouterQuery): RouterPart {
  const needle = search.toLowerCase();
  const found = router.routes.filter((route) => route.name.toLowerCase().includes(needle)).sort(byName);
  const names = found.map((route) => route.name);
  if (limit === Infinity) return { ...router, routes: found, names };
  const routes = found.slice(0, limit);
  return { ...router, routes, clusters: clustersOf(routes, router.clusters), names };
}

/** Those that some of the routes use. */
export function clustersOf(routes: readonly RouteState[], clusters: readonly ClusterState[]): readonly ClusterState[] {
  const used = new Set(routes.flatMap((route) => route.clusters));
  return clusters.filter((cluster) => used.has(cluster.id));
}

function byName(a: RouteState, b: RouteState): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
