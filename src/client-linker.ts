/** Gives each bound id of a router its cluster, with what the configuration says for it. */
import type { AddressSet } from "./base/address.ts";
import type { Scope } from "./base/scope.ts";
import type { Var } from "./base/var.ts";
import type { ClusterOptions } from "./cluster/cluster.ts";
import { RefuseGrpc } from "./cluster/filters/refuse-grpc.ts";
import type { ClusterSlots } from "./cluster/slots.ts";
import { ForwardClientCert } from "./cluster/filters/forward-client-cert.ts";
import { type ClusterTier, type ClusterTierOptions, openClusterTier } from "./cluster/stack.ts";
import { type ClientConfig, type RouterConfig, settingsFor } from "./config/config.ts";
import type { PluginContext } from "./config/plugin.ts";
import type { Filter } from "./http/filter.ts";
import { Http1Transport } from "./http1/upstream.ts";
import { http2ClientSettings } from "./http2-linker.ts";
import { Http2Transport } from "./http2/upstream.ts";
import type { World } from "./naming-root.ts";
import { Connector } from "./net/connector.ts";
import type { Securing } from "./net/tls-dial.ts";
import type { Bound } from "./naming/namer.ts";
import type { Path } from "./naming/path.ts";
import { PluginInstances } from "./plugin-instances.ts";
import { Budget } from "./router/budget.ts";
import { defaultRouter } from "./router/params.ts";
import { forConnections, tcpTransport } from "./tcp-linker.ts";
import type { Sweeper } from "./net/sweeper.ts";
import type { Transport } from "./http/transport.ts";
import { ClientTlsTable } from "./tls-linker.ts";

/** How long exchanges on an endpoint that left the set may take to end. */
const drainMs = 60_000;

/** One refused connect is enough to ask another endpoint first; probes bring it back. */
const connectFailuresToBusy = 1;

/** How the clusters of one router are opened by one configuration of it. */
export interface ClientLink {
  /** Told of the bound id's addresses, makes its cluster. */
  open(bound: Bound): ClusterTier;
}

export interface ClientParts {
  readonly world: World;
  readonly slots: ClusterSlots;
  readonly context: PluginContext;
  readonly bug: (error: unknown) => void;
  /** Told when no endpoint of a bound id accepts connections; says whether its loss was held until now. */
  readonly unreachable: (id: Path) => boolean;
  readonly sweeper: Sweeper;
  /** A worker's share of an absolute limit. */
  readonly shareOf: (limit: number) => number;
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

  const open = (bound: Bound): ClusterTier => {
    const config = settingsFor(router.client, bound.id);
    const { clock, random, log, metrics } = parts.world;
    const securing = tls.securingFor(bound.id, config, config.protocol === "h2" ? "h2" : "http/1.1");
    const tier = openClusterTier(
      {
        id: bound.id.show,
        router: router.label,
        addresses: securing ? overTls(bound.addresses) : bound.addresses,
        transport: transportFor(router, config, parts, securing),
        balancer: balancers.get(config.loadBalancer).create(),
        accrual: accruals.get(config.failureAccrual),
        clock,
        random,
        log: log.with({ router: router.label }),
        metrics,
        slots: parts.slots,
        requeueBudget: budgetFor(config, parts),
        filters: filtersOf(router, config),
        rewritesHost: router.protocol !== "tcp",
        onUnreachable: () => parts.unreachable(bound.id),
      },
      tierOptions(router, config, parts.shareOf),
    );
    return securing ? followingOverTls(tier, bound.addresses) : tier;
  };
  return { open };
}

/** What is followed is another Var than it is told of, which must not be made anew for the same one. */
function followingOverTls(tier: ClusterTier, first: Var<AddressSet>): ClusterTier {
  let followed = first;
  const follow = (addresses: Var<AddressSet>): void => {
    if (addresses === followed) return;
    followed = addresses;
    tier.follow(overTls(addresses));
  };
  return { ...tier, follow };
}

/** One set of addresses serves clients with TLS and without. */
function overTls(addresses: Var<AddressSet>): Var<AddressSet> {
  return addresses.map((set) => set.overTls(), { equals: (a, b) => a.equals(b) });
}

function budgetFor({ requeueBudget }: ClientConfig, { shareOf, world }: ClientParts): Budget {
  const { minRetriesPerSec, percentCanRetry, ttlSecs } = requeueBudget;
  return new Budget(
    { minRetriesPerSec: shareOf(minRetriesPerSec), percentCanRetry, ttlMs: ttlSecs * 1_000 },
    world.clock,
  );
}

function filtersOf(router: RouterConfig, config: ClientConfig): Filter[] {
  if (router.protocol === "tcp") return [];
  return [
    ...(config.protocol === "http" ? [new RefuseGrpc()] : []),
    ...(config.forwardClientCert ? [new ForwardClientCert()] : []),
  ];
}

function transportFor(
  router: RouterConfig,
  config: ClientConfig,
  { world, bug, sweeper }: ClientParts,
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
): ClusterTierOptions {
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
      maxWaiters: shareOf(pool.maxWaiters ?? defaultRouter.maxPending),
      idleTimeMs: Math.min(pool.idleTimeMs ?? Infinity, clientSession.idleTimeMs ?? Infinity),
      lifeTimeMs: clientSession.lifeTimeMs ?? Infinity,
      connectTimeoutMs: config.connectTimeoutMs,
      waitMs: bindingTimeoutMs,
    },
  };
  if (router.protocol === "tcp") return forConnections(options);
  return { ...options, ...(requestAttemptTimeoutMs === undefined ? {} : { requestAttemptTimeoutMs }) };
}
