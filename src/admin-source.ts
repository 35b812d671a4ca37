/** What the admin port shows of the routers and namers of a thread, read when it is asked. */
import { Readiness } from "./admin/readiness.ts";
import { type ClusterState, type NamerState, partOf, type RouterPart, type RouterQuery } from "./admin/state.ts";
import type { RouterState, RouteState } from "./admin/state.ts";
import type { Clock } from "./base/time.ts";
import type { ClusterView, EndpointView } from "./cluster/cluster-view.ts";
import type { ClusterTier } from "./cluster/stack.ts";
import type { Config } from "./config/config.ts";
import { interpreterPrefix, type OpenInterpreter } from "./interpreter-root.ts";
import type { OpenNamer } from "./naming-root.ts";
import type { RouteView } from "./router/route.ts";
import type { RouterView } from "./router/router.ts";

/** A router that runs. */
export interface ShownRouter {
  readonly label: string;
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  view(): RouterView;
  clusters(): readonly ClusterTier[];
}

export function routerParts(routers: readonly ShownRouter[], query: RouterQuery): readonly RouterPart[] {
  return routers.map((router) => partOf(routerState(router), query));
}

/** What names are read from. */
export interface ShownNaming {
  readonly namers: readonly OpenNamer[];
  readonly interpreters: readonly OpenInterpreter[];
}

/** Of namers, and of interpreters that follow something themselves. */
export function namerStates({ namers, interpreters }: ShownNaming): readonly NamerState[] {
  const states = namers.map(({ prefix, kind, namer }) => ({
    prefix: `/#${prefix.show}`,
    kind,
    watches: namer.watches?.() ?? [],
  }));
  const followed = interpreters.map(({ router, kind, interpreter }) => ({
    prefix: interpreterPrefix(router).show,
    kind,
    watches: interpreter.watches?.() ?? [],
  }));
  return [...states, ...followed.filter(({ watches }) => watches.length > 0)];
}

/** Of a daemon with these namers. */
export function readinessOf(naming: ShownNaming, running: () => Pick<Config, "maxStaleMs">, clock: Clock): Readiness {
  return new Readiness({
    namers: () => namerStates(naming),
    get maxStaleMs() {
      return running().maxStaleMs;
    },
    now: () => clock.wall(),
  });
}

function routerState(router: ShownRouter): RouterState {
  return {
    label: router.label,
    servers: router.servers.map(({ host, port }) => `${host}:${port}`),
    routes: router.view().routes.map(routeState),
    clusters: router.clusters().map((tier) => clusterState(tier.cluster.view())),
  };
}

function routeState(view: RouteView): RouteState {
  const { requests, failures, pending, p50Ms, p99Ms, clusters } = view;
  const cause = view.cause ?? view.stale?.cause;
  return {
    name: view.path,
    state: bindingState(view),
    ...(cause === undefined ? {} : { cause }),
    clusters,
    requests,
    failures,
    pending,
    p50Ms,
    p99Ms,
  };
}

function bindingState(view: RouteView): RouteState["state"] {
  if (view.state !== "ok") return view.state;
  if (view.tree === "~") return "negative";
  return view.stale ? "stale" : "ok";
}

function clusterState({ id, addresses, offered, endpoints }: ClusterView): ClusterState {
  const cause = addresses.cause ?? addresses.stale?.cause;
  const known = addresses.held ? "held" : addresses.stale ? "stale" : "ok";
  return {
    id,
    state: addresses.state === "ok" ? known : addresses.state,
    ...(cause === undefined ? {} : { cause }),
    ...(addresses.revision === undefined ? {} : { revision: addresses.revision }),
    ...(offered === undefined ? {} : { offered }),
    endpoints: endpoints.map(endpointState),
  };
}

function endpointState(view: EndpointView): ClusterState["endpoints"][number] {
  const { address, weight, status, reason = "", pending, requests, failures, latencyMs, share } = view;
  return {
    address,
    weight,
    status,
    reason,
    pending,
    requests,
    failures,
    latencyMs,
    connections: view.connections.open,
    ...(share === undefined ? {} : { share }),
  };
}
