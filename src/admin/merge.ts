/** One picture of what several threads show of the same routers. */
import type { ClusterState, EndpointState, RouterPart, RouterQuery, RouteState } from "./state.ts";

/** Adds up what each thread shows; all of them have the same routers, in the same order, for the same query. */
export function mergeParts(parts: readonly (readonly RouterPart[])[], { limit }: RouterQuery): readonly RouterPart[] {
  const [first = [], ...rest] = parts;
  if (rest.length === 0) return first;
  return first.map((router, at) => {
    const all = parts.flatMap((each) => each[at] ?? []);
    const names = [...new Set(all.flatMap((each) => each.names))].sort();
    const routes = mergeBy(
      all.flatMap((each) => each.routes),
      (route) => route.name,
      mergeRoutes,
    );
    const clusters = mergeBy(
      all.flatMap((each) => each.clusters),
      (cluster) => cluster.id,
      mergeClusters,
    );
    // Whoever is among the first of all names is among the first of each thread that has it.
    return { ...router, names, routes: routes.sort(byName).slice(0, limit), clusters };
  });
}

function mergeBy<T>(all: readonly T[], keyOf: (one: T) => string, merge: (same: readonly T[]) => T): T[] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].map((group) => (group.length === 1 ? (group[0] as T) : merge(group)));
}

/** What is worst comes last: a name that one thread cannot serve is not well. */
const routeStates: readonly RouteState["state"][] = ["ok", "negative", "held", "stale", "pending", "failed"];
const endpointStates: readonly EndpointState["status"][] = ["open", "busy", "closed"];

function mergeRoutes(same: readonly RouteState[]): RouteState {
  const worst = worstOf(same, (route) => routeStates.indexOf(route.state));
  const requests = sum(same, (route) => route.requests);
  return {
    ...worst,
    clusters: [...new Set(same.flatMap((route) => route.clusters))],
    requests,
    failures: sum(same, (route) => route.failures),
    pending: sum(same, (route) => route.pending),
    // Percentiles cannot be added: the middle is weighed by requests, of the tail the slowest thread's is shown.
    p50Ms: requests === 0 ? 0 : sum(same, (route) => route.p50Ms * route.requests) / requests,
    p99Ms: Math.max(...same.map((route) => route.p99Ms)),
  };
}

function mergeClusters(same: readonly ClusterState[]): ClusterState {
  const worst = worstOf(same, (cluster) => routeStates.indexOf(cluster.state));
  const endpoints = mergeBy(
    same.flatMap((cluster) => cluster.endpoints),
    (each) => each.address,
    mergeEndpoints,
  );
  return { ...worst, endpoints: endpoints.sort((a, b) => (a.address < b.address ? -1 : 1)) };
}

function mergeEndpoints(same: readonly EndpointState[]): EndpointState {
  const worst = worstOf(same, (endpoint) => endpointStates.indexOf(endpoint.status));
  const requests = sum(same, (endpoint) => endpoint.requests);
  return {
    ...worst,
    pending: sum(same, (endpoint) => endpoint.pending),
    requests,
    failures: sum(same, (endpoint) => endpoint.failures),
    latencyMs: requests === 0 ? worst.latencyMs : sum(same, (each) => each.latencyMs * each.requests) / requests,
    connections: sum(same, (endpoint) => endpoint.connections),
    ...meanShare(same),
  };
}

/** Where threads choose from parts of their own, an endpoint gets what it gets of all of them. */
function meanShare(same: readonly EndpointState[]): Pick<EndpointState, "share"> {
  const share = sum(same, (endpoint) => endpoint.share ?? 1) / same.length;
  return share === 1 ? {} : { share };
}

function worstOf<T>(all: readonly T[], rank: (one: T) => number): T {
  return all.reduce((worst, one) => (rank(one) > rank(worst) ? one : worst));
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function byName(a: RouteState, b: RouteState): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
