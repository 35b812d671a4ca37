/** Gives each bound id of a router its cluster, with what the configuration says for it. */
import type { AddressSet } from "./base/address.ts";
import type { HealthSource } from "./base/health.ts";
import type { Log } from "./base/log.ts";
import type { Scope } from "./base/scope.ts";
import type { Var } from "./base/var.ts";
import type { AccrualPolicyFactory } from "./cluster/accrual-policy.ts";
import type { Balancer, BalancerFactory } from "./cluster/balancer.ts";
import { balanced } from "./cluster/balancing/balanced.ts";
import type { ClusterOptions } from "./cluster/cluster-kit.ts";
import type { Rests } from "./cluster/rests.ts";
import { clusterTable } from "./cluster/cluster-series.ts";
import { FixedLimit, GradientLimit } from "./cluster/gradient-limit.ts";
import { RefuseGrpc } from "./cluster/filters/refuse-grpc.ts";
import type { ClusterSlots } from "./cluster/slots.ts";
import type { WatchHealth } from "./cluster/endpoint-checks.ts";
import { ForwardClientCert } from "./cluster/filters/forward-client-cert.ts";
import { type ClusterTier, type ClusterTierKit, openClusterTier } from "./cluster/stack.ts";
import type { ClientConfig, RouterConfig } from "./config/config.ts";
import type { PluginContext } from "./config/plugin.ts";
import { SharedSettings } from "./config/shared-settings.ts";
import type { Filter } from "./http/filter.ts";
import { Http1Transport } from "./http1/upstream.ts";
import { http2ClientSettings } from "./http2-linker.ts";
import { Http2Transport } from "./http2/upstream.ts";
import type { World } from "./naming-root.ts";
import { Connector } from "./net/connector.ts";
import type { Securing } from "./net/tls-dial.ts";
import type { Bound } from "./naming/namer.ts";
import { Path } from "./naming/path.ts";
import { PluginInstances } from "./plugin-instances.ts";
import { Budget } from "./router/budget.ts";
import { AttemptDeadline } from "./router/filters/attempt-deadline.ts";
import { type BudgetParams, defaultRouter } from "./router/params.ts";
import { forConnections, tcpTransport } from "./tcp-linker.ts";
import type { Sweeper } from "./net/sweeper.ts";
import type { Transport } from "./http/transport.ts";
import { ClientTlsTable } from "./tls-linker.ts";
import type { OwnZone } from "./zone-linker.ts";

/** How long exchanges on an endpoint that left the set may take to end. */
const drainMs = 60_000;

/** One refused connect is enough to ask another endpoint first; probes bring it back. */
const connectFailuresToBusy = 1;

/** How the clusters of one router are opened by one configuration of it. */
export interface ClientLink {
  /** Told of the bound id's addresses, makes its cluster; `closed` is called when that has closed. */
  open(bound: Bound, closed: () => Promise<void>): ClusterTier;
}

export interface ClientParts {
  readonly world: World;
  readonly slots: ClusterSlots;
  readonly context: PluginContext;
  readonly bug: (error: unknown) => void;
  /** Told when no endpoint of a bound id accepts connections; says whether its loss was held until now. */
  readonly unreachable: (id: Path) => boolean;
  /** Who checks endpoints, and by which key these settings are known there. */
  readonly health: HealthSource;
  readonly stack: string;
  readonly zone: OwnZone;
  readonly sweeper: Sweeper;
  readonly rests: Rests;
  /** A worker's share of an absolute limit. */
  readonly shareOf: (limit: number) => number;
}

/** What all clusters share that are configured alike. */
interface AlikeClusters {
  readonly kit: ClusterTierKit;
  readonly requeueBudget: BudgetParams;
}

/** What it makes belongs to `owner`, which closes when the last cluster has. Rejects with PluginNotCreated. */
export async function linkClients(router: RouterConfig, parts: ClientParts, owner: Scope): Promise<ClientLink> {
  const said = [router.client.base, ...router.client.rules.map((rule) => rule.settings)];
  const balancers = await PluginInstances.of(
    "balancer",
    said.flatMap((each) => each.loadBalancer ?? []),
    parts.context,
  );
  const accruals = await PluginInstances.of(
    "accrual",
    said.flatMap((each) => each.failureAccrual ?? []),
    parts.context,
  );
  const place = { world: parts.world, baseDir: parts.context.baseDir, router: router.label };
  const tls = new ClientTlsTable(router, place, owner);
  const series = parts.world.metrics.table(clusterTable, { router: router.label }, owner);
  const alike = new Map<ClientConfig, AlikeClusters>();
  const alikeOf = (config: ClientConfig): AlikeClusters => {
    const known = alike.get(config) ?? {
      kit: newKit(router, config, accruals.get(config.failureAccrual), parts),
      requeueBudget: requeueBudgetOf(config, parts.shareOf),
    };
    alike.set(config, known);
    return known;
  };
  const settings = new SharedSettings(router.client);
  const open = (bound: Bound, closed: () => Promise<void>): ClusterTier => {
    const config = settings.of(bound.id);
    const { kit, requeueBudget } = alikeOf(config);
    const securing = tls.securingFor(bound.id, config, config.protocol === "h2" ? "h2" : "http/1.1");
    return openClusterTier(
      {
        id: bound.id.show,
        addresses: bound.addresses,
        ...(securing ? { seen: overTls } : {}),
        closed,
        balancer: balancerFor(bound, config, balancers.get(config.loadBalancer), { ...parts, log: kit.log }),
        series,
        requeueBudget: new Budget(requeueBudget, parts.world.clock),
        filters: filtersOf(router, config, parts),
        isHttp: router.protocol !== "tcp",
        ...(config.healthCheck === undefined ? {} : { watchHealth: checksOf(router, bound, parts) }),
      },
      securing ? { ...kit, transport: transportFor(router, config, parts, securing) } : kit,
    );
  };
  return { open };
}

function checksOf({ label: router }: RouterConfig, { id }: Bound, { health, stack }: ClientParts): WatchHealth {
  return (hear) => health.watch({ stack, router, id: id.show }, hear);
}

interface BalancerParts extends Pick<ClientParts, "world" | "zone"> {
  readonly log: Log;
}

function balancerFor(
  { id }: Bound,
  { loadBalancer: { slowStartMs, panicThreshold, locality, sticky } }: ClientConfig,
  factory: BalancerFactory,
  { world: { random }, zone, log }: BalancerParts,
): Balancer {
  if (locality !== undefined) zone.want();
  const options = { cluster: id.show, log, zone, random, slowStartMs, panicThreshold, locality };
  return balanced(factory.create(), { ...options, stickyBy: sticky?.header });
}

/** Those with TLS have transports of their own. */
function newKit(
  router: RouterConfig,
  config: ClientConfig,
  accrual: AccrualPolicyFactory,
  parts: ClientParts,
): ClusterTierKit {
  const { clock, random, log } = parts.world;
  return {
    ...limitOf(config, parts.shareOf),
    ...tierOptions(router, config, parts.shareOf),
    transport: transportFor(router, config, parts, undefined),
    accrual,
    accrualKind: config.failureAccrual.kind,
    clock,
    random,
    log: log.with({ router: router.label }),
    slots: parts.slots,
    rests: parts.rests,
    onUnreachable: (id) => parts.unreachable(Path.read(id)),
  };
}

function limitOf(
  { maxConcurrentRequests, adaptiveConcurrency }: ClientConfig,
  shareOf: (limit: number) => number,
): Pick<ClusterTierKit, "newLimit"> {
  if (maxConcurrentRequests === undefined && !adaptiveConcurrency) return {};
  const most = shareOf(maxConcurrentRequests ?? Infinity);
  return { newLimit: () => (adaptiveConcurrency ? new GradientLimit(most) : new FixedLimit(most)) };
}

/** One set of addresses serves clients with TLS and without. */
function overTls(addresses: Var<AddressSet>): Var<AddressSet> {
  return addresses.map((set) => set.overTls(), { equals: (a, b) => a.equals(b) });
}

function requeueBudgetOf({ requeueBudget }: ClientConfig, shareOf: ClientParts["shareOf"]): BudgetParams {
  const { minRetriesPerSec, percentCanRetry, ttlSecs } = requeueBudget;
  return { minRetriesPerSec: shareOf(minRetriesPerSec), percentCanRetry, ttlMs: ttlSecs * 1_000 };
}

function filtersOf(router: RouterConfig, config: ClientConfig, { slots, world }: ClientParts): Filter[] {
  const { requestAttemptTimeoutMs: limitMs } = config;
  if (router.protocol === "tcp") return [];
  return [
    ...(config.protocol === "http" ? [new RefuseGrpc()] : []),
    ...(config.forwardClientCert ? [new ForwardClientCert()] : []),
    ...(limitMs === undefined ? [] : [new AttemptDeadline(slots, world.clock, limitMs)]),
  ];
}

/** The way to the endpoints of clusters with these settings; without `tls` in plain text. */
export function transportFor(
  router: RouterConfig,
  config: ClientConfig,
  { world, bug, sweeper }: Pick<ClientParts, "world" | "bug" | "sweeper">,
  tls: Securing | undefined,
): Transport {
  const { clock, resolve: resolver } = world;
  const connector = new Connector({ clock, resolver, timeoutMs: config.connectTimeoutMs, ...(tls ? { tls } : {}) });
  if (router.protocol === "tcp") return tcpTransport(config, { connector, clock, sweeper, bug });
  if (config.protocol === "h2") {
    return new Http2Transport({ connector, settings: http2ClientSettings(config), clock, sweeper, bug });
  }
  return new Http1Transport({ connector, limits: headLimits(router), bug });
}

/** The limits of a router hold for what callers send and for what endpoints answer. */
export function headLimits(router: RouterConfig): { lineBytes: number; headBytes: number; fields: number } {
  return { lineBytes: router.maxInitialLineKB * 1_024, headBytes: router.maxHeadersKB * 1_024, fields: 100 };
}

function tierOptions(
  router: RouterConfig,
  config: ClientConfig,
  shareOf: (limit: number) => number,
): ClusterOptions & Pick<ClusterTierKit, "requestAttemptTimeoutMs"> {
  const { bindingTimeoutMs } = router;
  const { hostConnectionPool: pool, clientSession, requestAttemptTimeoutMs } = config;
  const options: ClusterOptions = {
    maxPending: shareOf(config.maxPendingRequests),
    bindingTimeoutMs,
    drainMs,
    connectFailuresToBusy,
    pool: {
      minSize: shareOf(pool.minSize),
      maxSize: shareOf(pool.maxSize ?? Infinity),
      maxWaiters: shareOf(pool.maxWaiters ?? Infinity),
      maxPending: shareOf(Math.max(pool.maxWaiters ?? 0, defaultRouter.maxPending)),
      idleTimeMs: Math.min(pool.idleTimeMs ?? Infinity, clientSession.idleTimeMs ?? Infinity),
      lifeTimeMs: clientSession.lifeTimeMs ?? Infinity,
      connectTimeoutMs: config.connectTimeoutMs,
      waitMs: bindingTimeoutMs,
    },
  };
  if (router.protocol === "tcp") return forConnections(options);
  return { ...options, ...(requestAttemptTimeoutMs === undefined ? {} : { requestAttemptTimeoutMs }) };
}
