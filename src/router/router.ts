/** Names each request, and hands it to what is kept for that name. */
import type { BoundRoutes, BoundRoutesQuery } from "../base/bound-routes.ts";
import { type Failure, failure } from "../base/failure.ts";
import type { Counter, Metrics, MetricSpec } from "../base/metrics.ts";
import { Scope } from "../base/scope.ts";
import type { Exchange, Responder, Service } from "../http/exchange.ts";
import { fail } from "../http/filter.ts";
import { Dtab } from "../naming/dtab.ts";
import type { Path } from "../naming/path.ts";
import { CallDeadlines } from "./filters/call-deadline.ts";
import { HedgeTimers } from "./filters/hedge.ts";
import type { ShadowParts } from "./filters/shadow.ts";
import type { ServiceParams } from "./params.ts";
import { RequestNaming } from "./request-naming.ts";
import { Route, type RouteParts, type RouteView } from "./route.ts";
import { RouteCache, type RouteCacheCounts } from "./route-cache.ts";
import { routeTable, UNBOUND } from "./route-series.ts";

export const routesKept: MetricSpec = {
  name: "linkspan_routes",
  type: "gauge",
  help: "Routes that a router keeps.",
  labels: ["router"],
};
export const routeCacheTotal: MetricSpec = {
  name: "linkspan_route_cache_events_total",
  type: "counter",
  help: "Routes made (misses), pushed out (evicts), idle too long (expires), and made for one use (oneshots).",
  labels: ["router", "event"],
};

export const shadowsTotal: MetricSpec = {
  name: "linkspan_shadows_total",
  type: "counter",
  help: "Copies of requests that were sent to another name, and those dropped: too many under way, or a body too large.",
  labels: ["router", "result"],
};

export interface RouterParts extends Omit<
  RouteParts,
  "series" | "unbound" | "routes" | "callDeadlines" | "hedgeTimers" | "shadows"
> {
  readonly metrics: Metrics;
  /** Hears of what was thrown while a route was made; the exchange gets 500 `internal`. */
  readonly bug: (error: unknown) => void;
}

export interface RouterView {
  readonly label: string;
  readonly routes: readonly RouteView[];
  readonly cache: Readonly<Record<keyof RouteCacheCounts, number>>;
}

/** Shared by the servers of a router. The stage before it sets `x.serverTier`. */
export class Router implements Service, AsyncDisposable {
  readonly label: string;
  readonly #parts: RouteParts;
  readonly #bug: (error: unknown) => void;
  readonly #naming: RequestNaming;
  readonly #counts: RouteCacheCounts;
  readonly #cache: RouteCache;
  readonly #scope = new Scope();
  /** There once a route has a shadow. */
  #shadows: ShadowParts | undefined;

  constructor(parts: RouterParts) {
    const { params, clock, metrics, slots } = parts;
    this.label = params.label;
    this.#bug = parts.bug;
    this.#naming = new RequestNaming(params.identifiers, slots.localDtab);
    const event = (name: keyof RouteCacheCounts): Counter =>
      metrics.counter(routeCacheTotal, { router: this.label, event: name }, this.#scope);
    this.#counts = {
      misses: event("misses"),
      evicts: event("evicts"),
      expires: event("expires"),
      oneshots: event("oneshots"),
    };
    this.#cache = new RouteCache(clock, params.maxRoutes, params.idleTtlMs, this.#counts);
    const series = metrics.table(routeTable, { router: this.label }, this.#scope);
    const unbound = series.open(UNBOUND);
    this.#scope.defer(() => unbound.close());
    const callDeadlines = this.#scope.own(new CallDeadlines(slots, clock));
    const hedgeTimers = this.#scope.own(new HedgeTimers(slots, clock));
    const shadows = (): ShadowParts => (this.#shadows ??= this.#openShadows(parts));
    this.#parts = { ...parts, series, unbound, callDeadlines, hedgeTimers, routes: this.#cache, shadows };
    metrics.gauge(routesKept, { router: this.label }, this.#scope, () => this.#cache.size);
  }

  dispatch(x: Exchange): void {
    const key = this.#naming.key(x);
    if (key === undefined) return this.#refuse(x, this.#naming.unknown());
    const route = this.#cache.get(key) ?? this.#open(x, key);
    if (route !== undefined) route.dispatch(x);
  }

  bound(asked: BoundRoutesQuery["bound"]): BoundRoutes {
    const routes =
      "called" in asked
        ? this.#cache.takeCalled(asked.called).map((route) => ({ ...route.bound, ...route.takeCallers() }))
        : this.#cache.slice(asked.from, asked.count).map((route) => route.bound);
    return { label: this.label, routes };
  }

  view(): RouterView {
    return {
      label: this.label,
      routes: this.#cache.routes().map((route) => route.view()),
      cache: {
        misses: this.#counts.misses.value,
        evicts: this.#counts.evicts.value,
        expires: this.#counts.expires.value,
        oneshots: this.#counts.oneshots.value,
      },
    };
  }

  /** Another router has taken its place: resolves when the last exchange here has ended. */
  retire(): Promise<void> {
    return this.#cache.retire();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cache.close();
    await this.#scope.close();
  }

  /** Answers the exchange, and gives nothing, when there can be no such route. */
  #open(x: Exchange, key: string): Route | undefined {
    const name = this.#naming.read(x);
    if (!("code" in name)) return this.#make(x, key, name.path, name.local);
    this.#refuse(x, name);
    return undefined;
  }

  #make(x: Exchange, key: string, path: Path, dtab: Dtab, parts = this.#parts): Route | undefined {
    let route: Route;
    try {
      // A copy: the key may be a slice of the request's whole head, which must not live as long as the route.
      route = new Route(Buffer.from(key, "utf8").toString("utf8"), path, dtab, parts);
    } catch (error) {
      this.#bug(error);
      this.#refuse(x, failure("internal", "A route could not be made."));
      return undefined;
    }
    this.#cache.add(route);
    return route;
  }

  #openShadows({ layout, clock, random, metrics }: RouterParts): ShadowParts {
    const counter = (result: string): Counter =>
      metrics.counter(shadowsTotal, { router: this.label, result }, this.#scope);
    const { params } = this.#parts;
    const service = (path: Path): ServiceParams => withoutMore(params.service(path));
    const own = { ...this.#parts, params: { ...params, service } };
    const send = (path: Path, x: Exchange): void => {
      // No identifier makes such a key of a request.
      const key = `\0${path.show}`;
      const route = this.#cache.get(key) ?? this.#make(x, key, path, Dtab.empty, own);
      route?.dispatch(x);
    };
    return { layout, clock, random, send, sent: counter("sent"), dropped: counter("dropped") };
  }

  #refuse(x: Exchange, why: Failure): void {
    fail(x.serverTier as Responder, x, why);
  }
}

/** A copy is sent once, and nothing is done to it. */
function withoutMore(service: ServiceParams): ServiceParams {
  const retries = { ...service.retries, limit: 0 };
  return { ...service, retries, hedge: undefined, faults: undefined, shadow: undefined };
}
