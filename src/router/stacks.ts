/** Builds the tiers that a request passes before its cluster: one server tier for each server, one router for them all. */
import type { Metrics } from "../base/metrics.ts";
import { Scope } from "../base/scope.ts";
import type { Clock, Random } from "../base/time.ts";
import { type Exchange, type Responder, type Service, toDownstream } from "../http/exchange.ts";
import { type Filter, link } from "../http/filter.ts";
import { CallDepth } from "./filters/call-depth.ts";
import { Compress } from "./filters/compress.ts";
import { ConcurrencyLimit } from "./filters/concurrency-limit.ts";
import { ContextHeaders } from "./filters/context-headers.ts";
import { ErrorResponse } from "./filters/error-response.ts";
import { Forwarded } from "./filters/forwarded.ts";
import { Hygiene } from "./filters/hygiene.ts";
import { RecordRequest } from "./filters/record-request.ts";
import { ServerStats } from "./filters/server-stats.ts";
import { ServerTimeout } from "./filters/server-timeout.ts";
import type { RouterParams, ServerParams } from "./params.ts";
import type { RecentRequests } from "./recent-requests.ts";
import type { RouterSlots } from "./slots.ts";

export interface ServerTierParts {
  readonly server: ServerParams;
  readonly router: Pick<RouterParams, "label" | "tracePropagator">;
  /** What the tier leads to: a Router. */
  readonly next: Service;
  readonly slots: RouterSlots;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** Hears of every answer as the caller gets it. */
  readonly accessLog?: Filter;
  /** Where requests are noted down when they have ended. */
  readonly recent?: RecentRequests;
}

export interface ConnectionTierParts extends Pick<ServerTierParts, "next" | "slots" | "clock" | "metrics"> {
  readonly server: Pick<ServerParams, "label">;
  readonly router: Pick<RouterParams, "label">;
}

/** A server tier: where its connections send requests. They hear of answers as `x.downstream`. */
export interface ServerTier extends AsyncDisposable {
  readonly service: Service;
  /** Nothing more comes to it: resolves when its last exchange has ended. */
  whenIdle(): Promise<void>;
}

/** Whoever opens it closes it when its last exchange has ended. */
export function openServerTier(parts: ServerTierParts): ServerTier {
  const { server, router, slots, clock, random, accessLog, recent } = parts;
  const { forwarded, maxConcurrentRequests, timeoutMs, compressionLevel } = server;
  const scope = new Scope();
  const timeout = timeoutMs === undefined ? [] : [scope.own(new ServerTimeout(slots, clock, timeoutMs))];
  const tier = openTier(parts, [
    ...(accessLog === undefined ? [] : [accessLog]),
    ...(recent === undefined ? [] : [new RecordRequest(recent, { router: router.label, server: server.label })]),
    new ErrorResponse(slots),
    ...(compressionLevel === 0 ? [] : [new Compress(slots, compressionLevel)]),
    ...(maxConcurrentRequests === undefined ? [] : [new ConcurrencyLimit(maxConcurrentRequests)]),
    ...(forwarded === undefined ? [] : [new Forwarded(forwarded, router.label, random)]),
    new ContextHeaders({ slots, clock, random, server, tracePropagator: router.tracePropagator }),
    new CallDepth(server.maxCallDepth),
    new Hygiene(),
    ...timeout,
  ]);
  scope.own(tier);
  return { ...tier, [Symbol.asyncDispose]: () => scope.close() };
}

/** The tier of a server whose connections have no heads to look at or to write to. */
export function openConnectionTier(parts: ConnectionTierParts): ServerTier {
  return openTier(parts, []);
}

function openTier({ server, router, next, slots, clock, metrics }: ConnectionTierParts, own: Filter[]): ServerTier {
  const scope = new Scope();
  const labels = { router: router.label, server: server.label };
  const entrance = new Entrance(next);
  const stats = new ServerStats({ slots, clock, metrics, scope, labels });
  const tier = link([stats, ...own], toDownstream, entrance);
  entrance.tier = tier.last;
  const close = (): Promise<void> => scope.close();
  return { service: tier.first, whenIdle: () => stats.whenIdle(), [Symbol.asyncDispose]: close };
}

/** The seam to the router, which servers share: tells it where this server's answers go. */
class Entrance implements Service {
  tier: Responder | undefined;
  readonly #next: Service;
  constructor(next: Service) {
    this.#next = next;
  }
  dispatch(x: Exchange): void {
    x.serverTier = this.tier;
    this.#next.dispatch(x);
  }
}
