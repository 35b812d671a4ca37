/** Everything kept for one logical name (and one dtab of the request's own): the route tier, and its binding. */
import type { BoundRoute } from "../base/bound-routes.ts";
import type { GaugeSource, SeriesRow, SeriesTable } from "../base/metrics.ts";
import type { Clock, Random } from "../base/time.ts";
import type { Exchange, Layout, Responder, Service } from "../http/exchange.ts";
import { type Filter, link } from "../http/filter.ts";
import type { Dtab } from "../naming/dtab.ts";
import type { Interpreter } from "../naming/interpreter.ts";
import type { Path } from "../naming/path.ts";
import { Binding, type ProofListener } from "./binding.ts";
import type { BindingView } from "./binding-view.ts";
import { Budget } from "./budget.ts";
import { CallDeadline, type CallDeadlines } from "./filters/call-deadline.ts";
import { ConnectionVerdict } from "./filters/connection-verdict.ts";
import { Hedge, type HedgeTimers } from "./filters/hedge.ts";
import { Faults } from "./filters/faults.ts";
import { RateLimit } from "./filters/rate-limit.ts";
import { type IdleListener, RequestStats } from "./filters/request-stats.ts";
import { Retries } from "./filters/retries.ts";
import { RouteHeaders } from "./filters/route-headers.ts";
import { Shadow, type ShadowParts } from "./filters/shadow.ts";
import { TotalTimeout } from "./filters/total-timeout.ts";
import type { ClusterSource } from "./lead.ts";
import type { RouterParams, ServiceParams } from "./params.ts";
import { RouteCallers, type TakenCallers } from "./route-callers.ts";
import { Counted, RouteSeries, Shown } from "./route-series.ts";
import type { RouterSlots } from "./slots.ts";

export interface RouteParts {
  readonly params: RouterParams;
  readonly interpreter: Interpreter;
  readonly clusters: ClusterSource;
  readonly slots: RouterSlots;
  readonly clock: Clock;
  readonly random: Random;
  /** A row for each service that led somewhere. */
  readonly series: SeriesTable;
  /** Where a route counts that has led nowhere yet. */
  readonly unbound: SeriesRow;
  /** Where gRPC calls wait for their deadlines. */
  readonly callDeadlines: CallDeadlines;
  /** Where requests wait to be sent to a second endpoint. */
  readonly hedgeTimers: HedgeTimers;
  readonly layout: Layout;
  readonly routes: RouteKeeper;
  /** Where copies of requests go. */
  readonly shadows: () => ShadowParts;
}

/** Whoever keeps routes: hears what becomes of them. */
export interface RouteKeeper {
  /** A route's last exchange has ended. */
  idle(route: Route): void;
  /** A route's name has led somewhere for the first time. */
  proven(route: Route): void;
  /** Somebody has called it, for the first time since it was told who did. */
  called(route: Route): void;
}

/** What people are shown of a route. Times are ms; success, failures and percentiles count from the first binding. */
export interface RouteView extends BindingView {
  readonly path: string;
  readonly localDtab: string;
  readonly ageMs: number;
  readonly idleMs: number;
  readonly pending: number;
  readonly requests: number;
  readonly success: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How long a request counts for hedges. */
const HEDGE_TTL_MS = 10_000;

export class Route implements Service, GaugeSource, IdleListener, ProofListener {
  /** What it is kept by. */
  readonly key: string;
  readonly path: Path;
  readonly #name: string;
  readonly #local: Dtab;
  readonly #parts: RouteParts;
  readonly #since: number;
  readonly #service: ServiceParams;
  readonly #budget: Budget;
  readonly #series: RouteSeries;
  readonly #stats: RequestStats;
  readonly #binding: Binding;
  readonly #first: Service;
  readonly #callers = new RouteCallers();
  /** Where a total timeout is configured. */
  #timeout: TotalTimeout | undefined;
  #closed = false;

  /** Follows its name at once; whoever made it closes it. */
  constructor(key: string, path: Path, local: Dtab, parts: RouteParts) {
    this.key = key;
    this.path = path;
    this.#name = path.show;
    this.#local = local;
    this.#parts = parts;
    this.#since = parts.clock.now();
    this.#service = parts.params.service(path);
    this.#budget = new Budget(this.#service.retries.budget, parts.clock);
    this.#series = new RouteSeries(parts.unbound);
    this.#stats = new RequestStats(parts.slots, parts.clock, this.#series, this);
    this.#binding = new Binding(path, parts, this);
    const tier = link(this.#filters(), toServerTier, this.#binding);
    this.#binding.prev = tier.last;
    this.#first = tier.first;
    this.#binding.start(parts.interpreter.bind(local, path));
  }

  get isBusy(): boolean {
    return this.#stats.pending > 0;
  }

  /** Whether the name ever led somewhere: such a route is worth more than one that somebody made up. */
  get isProven(): boolean {
    return this.#binding.isProven;
  }

  /** Monotonic ms. */
  get idleSince(): number {
    return this.#stats.idleSince;
  }

  dispatch(x: Exchange): void {
    if (this.#callers.note(x)) this.#parts.routes.called(this);
    x.values[this.#parts.slots.service] = this.#name;
    this.#first.dispatch(x);
  }

  get bound(): BoundRoute {
    return { name: this.path.show, clusters: this.#binding.clusters };
  }

  /** Who has called since this was asked last. */
  takeCallers(): TakenCallers {
    return this.#callers.take();
  }

  view(): RouteView {
    const now = this.#parts.clock.now();
    const { pending, requests, idleSince } = this.#stats;
    const proven = this.isProven;
    const { current } = this.#series;
    const times = proven ? current.times() : undefined;
    return {
      path: this.path.show,
      localDtab: this.#local.show,
      ageMs: now - this.#since,
      idleMs: pending > 0 ? 0 : now - idleSince,
      pending,
      requests,
      success: proven ? current.count(Counted.success) : 0,
      failures: proven ? current.count(Counted.failure) : requests - pending,
      p50Ms: times?.percentile(0.5) ?? 0,
      p99Ms: times?.percentile(0.99) ?? 0,
      ...this.#binding.view(),
    };
  }

  /** Lets the name and its clusters go; exchanges on their way end as they would. Again: nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#binding.close();
    this.#timeout?.[Symbol.dispose]();
    if (this.#series.current !== this.#parts.unbound) this.#series.current.close(this);
  }

  /** For the stage that counts. */
  idle(): void {
    this.#parts.routes.idle(this);
  }

  /** For the stage that is bound: from now on the route has series of its own. */
  proven(): void {
    this.#series.current = this.#parts.series.open(this.path.show, this);
    this.#parts.routes.proven(this);
  }

  gauge(column: number): number {
    return column === Shown.pending ? this.#stats.pending : this.#budget.balance;
  }

  #filters(): Filter[] {
    const { slots, clock, random, params, callDeadlines, shadows } = this.#parts;
    if (params.carries === "connections") return [this.#stats, new ConnectionVerdict(slots)];
    const { totalTimeoutMs, rateLimit, faults, shadow } = this.#service;
    const service = this.path.show;
    const headers = new RouteHeaders({ slots, clock, service, localDtab: this.#local.show, totalTimeoutMs });
    this.#timeout = totalTimeoutMs === undefined ? undefined : new TotalTimeout(slots, clock, totalTimeoutMs);
    return [
      this.#stats,
      ...(rateLimit ? [new RateLimit(rateLimit, clock, this.#series)] : []),
      ...(shadow ? [new Shadow(shadows(), shadow)] : []),
      headers,
      ...(this.#timeout ? [this.#timeout] : []),
      ...(faults ? [new Faults({ clock, random, maxPending: params.maxPending }, faults)] : []),
      new CallDeadline(slots, callDeadlines),
      new Retries(this.#parts, this.#service, this.#budget, this.#series),
      ...this.#hedge(),
    ];
  }

  #hedge(): Filter[] {
    const { slots, layout, clock, hedgeTimers: timers } = this.#parts;
    const { hedge } = this.#service;
    if (hedge === undefined) return [];
    const budget = new Budget({ minRetriesPerSec: 0, percentCanRetry: hedge.budget, ttlMs: HEDGE_TTL_MS }, clock);
    return [new Hedge({ layout, slots, timers }, hedge, budget, this.#series)];
  }
}

/** A route is shared by servers: it answers to whatever tier the exchange came through. */
const toServerTier: Responder = {
  respond: (x) => x.serverTier?.respond(x),
  finish: (x) => x.serverTier?.finish(x),
};
