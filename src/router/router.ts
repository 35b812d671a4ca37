/** Names each request, and hands it to what is kept for that name. */
import { type Failure, failure } from "../base/failure.ts";
import type { Counter, MetricSpec } from "../base/metrics.ts";
import { Scope } from "../base/scope.ts";
import type { Exchange, Responder, Service } from "../http/exchange.ts";
import { fail } from "../http/filter.ts";
import { Dtab } from "../naming/dtab.ts";
import type { Path } from "../naming/path.ts";
import { CallDeadlines } from "./filters/call-deadline.ts";
import type { Identifier } from "./identifier.ts";
import { Route, type RouteParts, type RouteView } from "./route.ts";
import { RouteCache, type RouteCacheCounts } from "./route-cache.ts";
import { openSeries, UNBOUND } from "./route-series.ts";

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

export interface RouterParts extends Omit<RouteParts, "unbound" | "idle" | "callDeadlines"> {
  /** Hears of what was thrown while a route was made; the exchange gets 500 `internal`. */
  readonly bug: (error: unknown) => void;
}

export interface RouterView {
  readonly label: string;
  readonly routes: readonly RouteView[];
  readonly cache: Readonly<Record<keyof RouteCacheCounts, number>>;
}

const noIdentifier = "No identifier is configured.";

/** Shared by the servers of a router. The stage before it sets `x.serverTier`. */
export class Router implements Service, AsyncDisposable {
  readonly label: string;
  readonly #parts: RouteParts;
  readonly #bug: (error: unknown) => void;
  readonly #identifiers: readonly Identifier[];
  readonly #localDtab: number;
  readonly #counts: RouteCacheCounts;
  readonly #cache: RouteCache;
  readonly #scope = new Scope();

  constructor(parts: RouterParts) {
    const { params, clock, metrics, slots } = parts;
    this.label = params.label;
    this.#bug = parts.bug;
    this.#identifiers = params.identifiers;
    this.#localDtab = slots.localDtab;
    const event = (name: keyof RouteCacheCounts): Counter =>
      metrics.counter(routeCacheTotal, { router: this.label, event: name }, this.#scope);
    this.#counts = {
      misses: event("misses"),
      evicts: event("evicts"),
      expires: event("expires"),
      oneshots: event("oneshots"),
    };
    this.#cache = new RouteCache(clock, params.maxRoutes, params.idleTtlMs, this.#counts);
    const unbound = openSeries(metrics, params.label, UNBOUND, this.#scope);
    const callDeadlines = this.#scope.own(new CallDeadlines(slots, clock));
    this.#parts = { ...parts, unbound, callDeadlines, idle: (route) => this.#cache.idle(route) };
    metrics.gauge(routesKept, { router: this.label }, this.#scope, () => this.#cache.size);
  }

  dispatch(x: Exchange): void {
    const identifiers = this.#identifiers;
    let reason = noIdentifier;
    for (let at = 0; at < identifiers.length; at++) {
      const identifier = identifiers[at] as Identifier;
      const name = identifier.key(x);
      if (name !== undefined) return this.#go(x, at === 0 ? name : `\n${at}\n${name}`, identifier);
      reason = identifier.reason;
    }
    fail(x.serverTier as Responder, x, failure("request.unidentified", `Unknown destination: ${reason}`));
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cache.close();
    await this.#scope.close();
  }

  #go(x: Exchange, name: string, identifier: Identifier): void {
    const local = x.values[this.#localDtab] as string | undefined;
    // No name has a line feed in it: they come from one line of a request's head.
    const key = local === undefined ? name : `${local}\n${name}`;
    const route = this.#cache.get(key) ?? this.#open(x, key, local, identifier);
    if (route !== undefined) route.dispatch(x);
  }

  /** Answers the exchange, and gives nothing, when there can be no such route. */
  #open(x: Exchange, key: string, local: string | undefined, identifier: Identifier): Route | undefined {
    let path: Path;
    let dtab: Dtab;
    try {
      path = identifier.path(x);
    } catch (error) {
      this.#refuse(x, failure("request.unidentified", `Unknown destination: ${messageOf(error)}`));
      return undefined;
    }
    try {
      dtab = local === undefined ? Dtab.empty : Dtab.read(local);
    } catch (error) {
      this.#refuse(x, failure("request.malformed", `Invalid dtab: ${messageOf(error)}`));
      return undefined;
    }
    return this.#make(x, key, path, dtab);
  }

  #make(x: Exchange, key: string, path: Path, dtab: Dtab): Route | undefined {
    let route: Route;
    try {
      route = new Route(path, dtab, this.#parts);
    } catch (error) {
      this.#bug(error);
      this.#refuse(x, failure("internal", "A route could not be made."));
      return undefined;
    }
    // A copy: the key may be a slice of the request's whole head, which must not live as long as the route.
    this.#cache.add(Buffer.from(key, "utf8").toString("utf8"), route);
    return route;
  }

  #refuse(x: Exchange, why: Failure): void {
    fail(x.serverTier as Responder, x, why);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
