/** Everything kept for one logical name (and one dtab of the request's own): the route tier, and its binding. */
import type { Metrics } from "../base/metrics.ts";
import { Scope } from "../base/scope.ts";
import type { Clock, Random } from "../base/time.ts";
import type { Exchange, Responder, Service } from "../http/exchange.ts";
import { type Filter, link } from "../http/filter.ts";
import type { Dtab } from "../naming/dtab.ts";
import type { Interpreter } from "../naming/interpreter.ts";
import type { Path } from "../naming/path.ts";
import { Binding, type BindingView } from "./binding.ts";
import { Budget } from "./budget.ts";
import { CallDeadline, type CallDeadlines } from "./filters/call-deadline.ts";
import { ConnectionVerdict } from "./filters/connection-verdict.ts";
import { RequestStats } from "./filters/request-stats.ts";
import { Retries } from "./filters/retries.ts";
import { RouteHeaders } from "./filters/route-headers.ts";
import { TotalTimeout } from "./filters/total-timeout.ts";
import type { ClusterSource } from "./lead.ts";
import type { RouterParams, ServiceParams } from "./params.ts";
import { budgetTokens, openSeries, requestsPending, RouteSeries, type Series } from "./route-series.ts";
import type { RouterSlots } from "./slots.ts";

export interface RouteParts {
  readonly params: RouterParams;
  readonly interpreter: Interpreter;
  readonly clusters: ClusterSource;
  readonly slots: RouterSlots;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** Where a route counts that has led nowhere yet. */
  readonly unbound: Series;
  /** Where gRPC calls wait for their deadlines. */
  readonly callDeadlines: CallDeadlines;
  /** Called whenever a route's last exchange has ended. */
  readonly idle: (route: Route) => void;
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

export class Route implements Service {
  readonly path: Path;
  readonly #local: Dtab;
  readonly #parts: RouteParts;
  /** Made when there is something to own: names that lead nowhere must be cheap. */
  #scope: Scope | undefined;
  readonly #since: number;
  readonly #service: ServiceParams;
  readonly #budget: Budget;
  readonly #series: RouteSeries;
  readonly #stats: RequestStats;
  readonly #binding: Binding;
  readonly #first: Service;
  #closed = false;

  /** Follows its name at once; whoever made it closes it. */
  constructor(path: Path, local: Dtab, parts: RouteParts) {
    this.path = path;
    this.#local = local;
    this.#parts = parts;
    this.#since = parts.clock.now();
    this.#service = parts.params.service(path);
    this.#budget = new Budget(this.#service.retries.budget, parts.clock);
    this.#series = new RouteSeries(parts.unbound);
    this.#stats = new RequestStats(parts.slots, parts.clock, this.#series, () => parts.idle(this));
    const { interpreter, clusters, clock, random, slots, params } = parts;
    this.#binding = new Binding({
      path,
      bound: interpreter.bind(local, path),
      clusters,
      clock,
      random,
      slots,
      bindingTimeoutMs: params.bindingTimeoutMs,
      maxPending: params.maxPending,
      proven: () => this.#proven(),
    });
    const tier = link(this.#filters(), toServerTier, this.#binding);
    this.#binding.prev = tier.last;
    this.#first = tier.first;
    this.#binding.start();
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
    this.#first.dispatch(x);
  }

  view(): RouteView {
    const now = this.#parts.clock.now();
    const { pending, requests, idleSince } = this.#stats;
    const proven = this.isProven;
    const { success, failure } = this.#series.current;
    return {
      path: this.path.show,
      localDtab: this.#local.show,
      ageMs: now - this.#since,
      idleMs: pending > 0 ? 0 : now - idleSince,
      pending,
      requests,
      success: proven ? success.value : 0,
      failures: proven ? failure.value : requests - pending,
      p50Ms: proven ? this.#series.percentile(0.5) : 0,
      p99Ms: proven ? this.#series.percentile(0.99) : 0,
      ...this.#binding.view(),
    };
  }

  /** Lets the name and its clusters go; exchanges on their way end as they would. Again: nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#binding.close();
    void this.#scope?.close();
  }

  #filters(): Filter[] {
    const { slots, clock, random, params } = this.#parts;
    if (params.carries === "connections") return [this.#stats, new ConnectionVerdict(slots)];
    const { totalTimeoutMs, retries, classifier } = this.#service;
    const service = this.path.show;
    const filters: Filter[] = [
      this.#stats,
      new RouteHeaders({ slots, clock, service, localDtab: this.#local.show, totalTimeoutMs }),
    ];
    if (totalTimeoutMs !== undefined) filters.push(this.#owner().own(new TotalTimeout(slots, clock, totalTimeoutMs)));
    filters.push(
      new CallDeadline(slots, this.#parts.callDeadlines),
      new Retries({ slots, clock, random, params: retries, classifier, budget: this.#budget, series: this.#series }),
    );
    return filters;
  }

  /** From now on the route has series of its own. */
  #proven(): void {
    const { metrics, params } = this.#parts;
    const service = this.path.show;
    const owner = this.#owner();
    this.#series.current = openSeries(metrics, params.label, service, owner);
    metrics.gauge(requestsPending, { router: params.label, service }, owner, () => this.#stats.pending);
    metrics.gauge(budgetTokens, { router: params.label, service }, owner, () => this.#budget.balance);
  }

  #owner(): Scope {
    this.#scope ??= new Scope();
    return this.#scope;
  }
}

/** A route is shared by servers: it answers to whatever tier the exchange came through. */
const toServerTier: Responder = {
  respond: (x) => x.serverTier?.respond(x),
  finish: (x) => x.serverTier?.finish(x),
};
