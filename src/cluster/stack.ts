/** Builds the cluster tier: the filters of one cluster, and the cluster at their end. */
import type { AddressSet } from "../base/address.ts";
import type { GaugeSource, SeriesRow, SeriesTable } from "../base/metrics.ts";
import type { Var } from "../base/var.ts";
import type { Exchange, Responder, Service } from "../http/exchange.ts";
import { type Filter, link } from "../http/filter.ts";
import type { AccrualEvent } from "./accrual.ts";
import { Cluster, type ClusterParts } from "./cluster.ts";
import type { ClusterKit } from "./cluster-kit.ts";
import { type ClusterCounts, Counted, Shown } from "./cluster-series.ts";
import type { Limit } from "./gradient-limit.ts";
import type { Endpoint } from "./endpoint.ts";
import { AttemptStats } from "./filters/attempt-stats.ts";
import { AttemptTimeout } from "./filters/attempt-timeout.ts";
import { RewriteHost } from "./filters/rewrite-host.ts";
import { InFlightLimit } from "./filters/in-flight-limit.ts";
import { Nack } from "./filters/nack.ts";
import { Requeue, type RequeueBudget } from "./filters/requeue.ts";

export interface ClusterTierParts extends ClusterParts {
  readonly addresses: Var<AddressSet>;
  /** What the cluster follows where it is told of addresses, such as their ports for TLS. */
  readonly seen?: (addresses: Var<AddressSet>) => Var<AddressSet>;
  /** Called when it has closed. */
  readonly closed?: () => Promise<void>;
  /** Where the cluster has its row; it is a `clusterTable`. */
  readonly series: SeriesTable;
  readonly requeueBudget?: RequeueBudget;
  /** What the router adds above the cluster's own filters, such as a rewrite. */
  readonly filters?: readonly Filter[];
  /** Whether it carries requests: they are for the host that the addresses are known by, where they are known by one. */
  readonly isHttp?: boolean;
}

export interface ClusterTierKit extends Omit<ClusterKit, "departure"> {
  readonly requestAttemptTimeoutMs?: number;
  /** Makes what says how many exchanges a cluster takes at once; without it any number. */
  readonly newLimit?: () => Limit;
}

/** An open cluster with its tier. */
export interface ClusterTier {
  readonly first: Service;
  readonly cluster: Cluster;
  /** Another source speaks of the same bound id from now on. */
  follow(addresses: Var<AddressSet>): void;
  /** Drains the cluster; its series go. */
  close(drainMs?: number): Promise<void>;
}

/** A cluster is shared by routes: it answers to whatever tier the exchange came through. */
const seam: Responder = {
  respond: (x: Exchange) => x.routeTier?.respond(x),
  finish: (x: Exchange) => x.routeTier?.finish(x),
};

export function openClusterTier(parts: ClusterTierParts, kit: ClusterTierKit): ClusterTier {
  return new OpenTier(parts, kit);
}

class OpenTier implements ClusterTier, GaugeSource, ClusterCounts {
  readonly first: Service;
  readonly cluster: Cluster;
  readonly #stats: AttemptStats;
  readonly #timeout: AttemptTimeout | undefined;
  readonly #row: SeriesRow;
  readonly #budget: RequeueBudget | undefined;
  readonly #limit: InFlightLimit | undefined;
  readonly #seen: ClusterTierParts["seen"];
  readonly #closed: ClusterTierParts["closed"];
  #told: Var<AddressSet>;

  /** Follows at once. */
  constructor(parts: ClusterTierParts, kit: ClusterTierKit) {
    const { clock, slots, requestAttemptTimeoutMs: limitMs } = kit;
    const timeout = limitMs === undefined ? undefined : new AttemptTimeout(limitMs, clock, slots);
    this.#timeout = timeout;
    this.cluster = new Cluster(
      { ...parts, counts: this },
      timeout === undefined ? kit : { ...kit, departure: timeout },
    );
    this.#row = parts.series.open(parts.id, this);
    this.#budget = parts.requeueBudget;
    this.#stats = new AttemptStats(kit, this.#row);
    this.#limit = this.#limitBy(kit);
    const requeue = new Requeue(kit, this.cluster, this.#row, parts.requeueBudget);
    const filters = [
      ...(parts.filters ?? []),
      ...(this.#limit ? [this.#limit] : []),
      ...(parts.isHttp === true ? [new RewriteHost(slots)] : []),
      requeue,
      ...(parts.isHttp === true ? [new Nack(kit, this.#row)] : []),
      this.#stats,
      ...(timeout ? [timeout] : []),
    ];
    const tier = link(filters, seam, this.cluster);
    this.cluster.prev = tier.last;
    this.first = tier.first;
    this.#seen = parts.seen;
    this.#closed = parts.closed;
    this.#told = parts.addresses;
    this.cluster.start(this.#see(parts.addresses));
  }

  counted(event: AccrualEvent, by: number): void {
    this.#row.grow(Counted[event], by);
  }

  replaced(added: number, removed: number): void {
    this.#row.add(Counted.updates);
    this.#row.grow(Counted.added, added);
    this.#row.grow(Counted.removed, removed);
  }

  follow(addresses: Var<AddressSet>): void {
    // What is seen of the same Var must not be made anew.
    if (addresses === this.#told) return;
    this.#told = addresses;
    this.cluster.addresses.follow(this.#see(addresses));
  }

  async close(drainMs?: number): Promise<void> {
    try {
      await this.cluster.close(drainMs);
    } finally {
      this.#timeout?.[Symbol.dispose]();
      this.#row.close(this);
      await this.#closed?.();
    }
  }

  #limitBy({
    newLimit,
    clock,
    slots,
    maxPending,
    bindingTimeoutMs: waitMs,
  }: ClusterTierKit): InFlightLimit | undefined {
    if (newLimit === undefined) return undefined;
    return new InFlightLimit({ limit: newLimit(), clock, slots, row: this.#row, maxPending, waitMs });
  }

  #see(addresses: Var<AddressSet>): Var<AddressSet> {
    return this.#seen === undefined ? addresses : this.#seen(addresses);
  }

  gauge(column: number): number {
    switch (column) {
      case Shown.pending:
        return this.#stats.pending;
      case Shown.openEndpoints:
        return this.cluster.open;
      case Shown.busyEndpoints:
        return this.#sum((each) => (each.status === "busy" ? 1 : 0));
      case Shown.openConnections:
        return this.#sum((each) => each.connections);
      case Shown.idleConnections:
        return this.#sum((each) => each.idleConnections);
      case Shown.parkedHere:
        return this.cluster.parked;
      case Shown.parkedByLimit:
        return this.#limit?.waiting ?? 0;
      case Shown.limit:
        return this.#limit?.most ?? -1;
      case Shown.outByConnects:
        return this.#sum((each) => (each.outBy === "connects" ? 1 : 0));
      case Shown.outByAccrual:
        return this.#sum((each) => (each.outBy === "accrual" ? 1 : 0));
      case Shown.outByChecks:
        return this.#sum((each) => (each.outBy === "checks" ? 1 : 0));
      case Shown.panic:
        return this.cluster.balancer.offered === "panic" ? 1 : 0;
      case Shown.budget:
        return this.#budget?.balance ?? 0;
      default:
        return this.#sum((each) => each.waiting);
    }
  }

  #sum(of: (endpoint: Endpoint) => number): number {
    return this.cluster.endpoints.reduce((total, endpoint) => total + of(endpoint), 0);
  }
}
