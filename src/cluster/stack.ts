/** Builds the cluster tier: the filters of one cluster, and the cluster at their end. */
import type { AddressSet } from "../base/address.ts";
import type { Metrics, MetricSpec } from "../base/metrics.ts";
import { Scope } from "../base/scope.ts";
import type { Var } from "../base/var.ts";
import type { Exchange, Responder, Service } from "../http/exchange.ts";
import { type Filter, link } from "../http/filter.ts";
import { Cluster, type ClusterOptions, type ClusterParts } from "./cluster.ts";
import { AttemptStats } from "./filters/attempt-stats.ts";
import { AttemptTimeout } from "./filters/attempt-timeout.ts";
import { RewriteHost } from "./filters/rewrite-host.ts";
import { Requeue, type RequeueBudget } from "./filters/requeue.ts";

export const requeuesTotal: MetricSpec = {
  name: "linkspan_requeues_total",
  type: "counter",
  help: "Exchanges that were sent to another endpoint because they had not reached the first.",
  labels: ["router", "cluster"],
};

export const requeuesNotOpenTotal: MetricSpec = {
  name: "linkspan_requeues_not_open_total",
  type: "counter",
  help: "Exchanges that were not sent to another endpoint because none was open.",
  labels: ["router", "cluster"],
};

export const clusterEndpoints: MetricSpec = {
  name: "linkspan_endpoints",
  type: "gauge",
  help: "Endpoints by status.",
  labels: ["router", "cluster", "status"],
};

export const clusterConnections: MetricSpec = {
  name: "linkspan_upstream_connections",
  type: "gauge",
  help: "Connections to endpoints by status.",
  labels: ["router", "cluster", "status"],
};

export const clusterParked: MetricSpec = {
  name: "linkspan_parked",
  type: "gauge",
  help: "Exchanges that wait: for addresses of a cluster, or for a connection to an endpoint.",
  labels: ["router", "cluster", "where"],
};

export interface ClusterTierParts extends Omit<ClusterParts, "departure"> {
  /** The label of the router that the cluster belongs to. */
  readonly router: string;
  readonly metrics: Metrics;
  readonly requeueBudget?: RequeueBudget;
  /** What the router adds above the cluster's own filters, such as a rewrite. */
  readonly filters?: readonly Filter[];
  /** Whether requests are for the host that the addresses are known by, where they are. */
  readonly rewritesHost?: boolean;
}

export interface ClusterTierOptions extends ClusterOptions {
  readonly requestAttemptTimeoutMs?: number;
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
class Seam implements Responder {
  respond(x: Exchange): void {
    x.routeTier?.respond(x);
  }
  finish(x: Exchange): void {
    x.routeTier?.finish(x);
  }
}

export function openClusterTier(parts: ClusterTierParts, options: ClusterTierOptions): ClusterTier {
  const { clock, slots, metrics, router } = parts;
  const scope = new Scope();
  const limitMs = options.requestAttemptTimeoutMs;
  const timeout = limitMs === undefined ? undefined : scope.own(new AttemptTimeout(limitMs, clock, slots));
  const cluster = new Cluster({ ...parts, ...(timeout ? { departure: timeout } : {}) }, options);
  const labels = { router, cluster: parts.id };
  const requeues = metrics.counter(requeuesTotal, labels, scope);
  const notOpen = metrics.counter(requeuesNotOpenTotal, labels, scope);
  const { requeueBudget } = parts;
  const requeue = new Requeue({
    clock,
    slots,
    withinMs: options.bindingTimeoutMs,
    cluster,
    requeues,
    notOpen,
    ...(requeueBudget ? { budget: requeueBudget } : {}),
  });
  const filters = [
    ...(parts.filters ?? []),
    ...(parts.rewritesHost === true ? [new RewriteHost(cluster, slots)] : []),
    requeue,
    new AttemptStats({ clock, slots, metrics, scope, labels }),
    ...(timeout ? [timeout] : []),
  ];
  const tier = link(filters, new Seam(), cluster);
  cluster.prev = tier.last;
  gauges(metrics, labels, scope, cluster);
  cluster.start();
  const close = async (drainMs?: number): Promise<void> => {
    await cluster.close(drainMs);
    await scope.close();
  };
  return { first: tier.first, cluster, follow: (addresses) => cluster.addresses.follow(addresses), close };
}

function gauges(metrics: Metrics, labels: { router: string; cluster: string }, scope: Scope, cluster: Cluster): void {
  const sum = (of: (endpoint: Cluster["endpoints"][number]) => number): number =>
    cluster.endpoints.reduce((total, endpoint) => total + of(endpoint), 0);
  for (const status of ["open", "busy"] as const) {
    metrics.gauge(clusterEndpoints, { ...labels, status }, scope, () =>
      sum((each) => (each.status === status ? 1 : 0)),
    );
  }
  metrics.gauge(clusterConnections, { ...labels, status: "open" }, scope, () => sum((each) => each.connections));
  metrics.gauge(clusterConnections, { ...labels, status: "idle" }, scope, () => sum((each) => each.idleConnections));
  metrics.gauge(clusterParked, { ...labels, where: "cluster" }, scope, () => cluster.parked);
  metrics.gauge(clusterParked, { ...labels, where: "endpoint" }, scope, () => sum((each) => each.waiting));
}
