/** Which names `/admin/names` is asked for, and what that leaves of all. */
import type { WatchView } from "../naming/namer.ts";
import { type AdminSource, clustersOf, type NamerState, type RouterState } from "./state.ts";

export interface NamesQuery {
  /** Part of a name, in any case; empty for all. */
  readonly search: string;
  /** Empty for all. */
  readonly states: ReadonlySet<string>;
  /** Rows of each list; Infinity for all. */
  readonly limit: number;
}

export interface NamesAnswer {
  readonly routers: readonly RouterState[];
  readonly namers: readonly NamerState[];
  /** Rows that match and are not shown. */
  readonly left: number;
}

/** `?search=TEXT&state=held,stale&limit=N`; what is no number limits nothing. */
export function namesQueryOf({ searchParams }: URL): NamesQuery {
  const states = (searchParams.get("state") ?? "").split(",").filter((state) => state !== "");
  const said = searchParams.get("limit") ?? "";
  const limit = said === "" ? Infinity : Number(said);
  return {
    search: (searchParams.get("search") ?? "").slice(0, 200),
    states: new Set(states),
    limit: limit >= 0 ? Math.floor(limit) : Infinity,
  };
}

export async function namesOf(source: AdminSource, { search, states, limit }: NamesQuery): Promise<NamesAnswer> {
  let left = 0;
  const cut = <T>(rows: readonly T[]): readonly T[] => {
    left += Math.max(0, rows.length - limit);
    return rows.slice(0, limit);
  };
  const isMeant = (state: string): boolean => states.size === 0 || states.has(state);
  const parts = await source.routers({ search, limit: Infinity });
  const routers = parts.map(({ label, servers, routes, clusters }) => {
    const meant = routes.filter((route) => isMeant(route.state) || hasCluster(clusters, route.clusters, states));
    const shown = cut(meant);
    return { label, servers, routes: shown, clusters: clustersOf(shown, clusters) };
  });
  const needle = search.toLowerCase();
  const isFound = ({ name, state }: WatchView): boolean => isMeant(state) && name.toLowerCase().includes(needle);
  const namers = source.namers().map((namer) => ({ ...namer, watches: cut(namer.watches.filter(isFound)) }));
  return { routers, namers, left };
}

/** A name is as it was bound while its addresses are held or stale. */
function hasCluster(clusters: RouterState["clusters"], ids: readonly string[], states: ReadonlySet<string>): boolean {
  return clusters.some(({ id, state }) => states.has(state) && ids.includes(id));
}
