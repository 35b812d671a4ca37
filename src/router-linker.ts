/** Links one router: identifiers, routes, clusters, and the servers that callers connect to. */
import type { Scope } from "./base/scope.ts";
import type { ClusterTier } from "./cluster/stack.ts";
import { type Config, type RouterConfig, type ServerConfig, settingsFor } from "./config/config.ts";
import type { Classifier } from "./http/classifier.ts";
import type { Layout } from "./http/exchange.ts";
import { Http1Downstream } from "./http1/downstream.ts";
import { defaultHttp1Settings } from "./http1/settings.ts";
import type { ClusterSlots } from "./cluster/slots.ts";
import { headLimits, linkClients } from "./client-linker.ts";
import type { Path } from "./naming/path.ts";
import { type NamingRoot, pluginContext, type World } from "./naming-root.ts";
import { Listener } from "./net/listener.ts";
import type { Sweeper } from "./net/sweeper.ts";
import { PluginInstances } from "./plugin-instances.ts";
import { defaultRouter, type RouterParams, type ServerParams, type ServiceParams } from "./router/params.ts";
import { serverConnections } from "./router/filters/server-stats.ts";
import { Router, type RouterView } from "./router/router.ts";
import type { RouterSlots } from "./router/slots.ts";
import { openServerTier } from "./router/stacks.ts";

/** What all routers of a process share. */
export interface DataPath {
  readonly config: Config;
  readonly world: World;
  readonly layout: Layout;
  readonly clusterSlots: ClusterSlots;
  readonly routerSlots: RouterSlots;
  readonly sweeper: Sweeper;
  readonly bug: (error: unknown) => void;
  readonly naming: NamingRoot;
}

export interface LinkedServer {
  readonly router: string;
  readonly host: string;
  readonly port: number;
}

export interface LinkedRouter {
  readonly label: string;
  readonly servers: readonly LinkedServer[];
  view(): RouterView;
  clusters(): readonly ClusterTier[];
  /** Accepts no more, and lets what is under way finish until the deadline. */
  drain(deadline: AbortSignal): Promise<void>;
}

export async function linkRouter(router: RouterConfig, data: DataPath, owner: Scope): Promise<LinkedRouter> {
  const { world, layout, routerSlots: slots, clusterSlots, bug, naming } = data;
  const { clock, random, metrics } = world;
  const context = pluginContext(data.config, world, owner, { layout, dstPrefix: router.dstPrefix });
  const identifiers = await PluginInstances.of("identifier", router.identifiers, context);
  const unreachable = (id: Path): boolean => naming.unreachable(id);
  const clients = await linkClients(router, { world, slots: clusterSlots, context, bug, unreachable }, owner);
  const params: RouterParams = {
    ...defaultRouter,
    label: router.label,
    identifiers: router.identifiers.map((use) => identifiers.get(use)),
    bindingTimeoutMs: router.bindingTimeoutMs,
    maxRoutes: router.bindingCache.paths,
    idleTtlMs: router.bindingCache.idleTtlSecs * 1_000,
    service: await serviceParams(router, data.config, context),
  };
  const interpreter = naming.interpreterFor(router);
  const parts = { params, interpreter, clusters: clients.source, slots, clock, random, metrics, bug };
  const routes = owner.own(new Router(parts));
  const listeners: Listener[] = [];
  for (const server of router.servers) listeners.push(await openServer(router, server, routes, data, owner));
  return {
    label: router.label,
    servers: listeners.map((listener, at) => {
      return { router: router.label, host: router.servers[at]?.ip ?? "", port: listener.port };
    }),
    view: () => routes.view(),
    clusters: () => clients.clusters.tiers(),
    drain: async (deadline) => {
      await Promise.all(listeners.map((listener) => listener.close(deadline)));
    },
  };
}

async function serviceParams(
  router: RouterConfig,
  config: Config,
  context: ReturnType<typeof pluginContext>,
): Promise<(path: Path) => ServiceParams> {
  const classifiers = await openClassifiers(router, config, context);
  return (path) => {
    const { totalTimeoutMs, retries, responseClassifier } = settingsFor(router.service, path);
    const { minRetriesPerSec, percentCanRetry, ttlSecs } = retries.budget;
    return {
      totalTimeoutMs,
      retries: { ...retries, budget: { minRetriesPerSec, percentCanRetry, ttlMs: ttlSecs * 1_000 } },
      classifier: classifiers.get(responseClassifier.kind) as Classifier,
    };
  };
}

async function openClassifiers(
  router: RouterConfig,
  config: Config,
  context: ReturnType<typeof pluginContext>,
): Promise<ReadonlyMap<string, Classifier>> {
  const said = [router.service.base, ...router.service.rules.map((rule) => rule.settings)];
  const opened = new Map<string, Classifier>();
  for (const kind of new Set(said.flatMap((each) => each.responseClassifier?.kind ?? []))) {
    const plugin = config.registry.get("classifier", kind);
    if (plugin === undefined) throw new Error(`no plugin classifies by ${kind}`);
    opened.set(kind, await plugin.create({} as never, context));
  }
  return opened;
}

async function openServer(
  router: RouterConfig,
  server: ServerConfig,
  next: Router,
  data: DataPath,
  owner: Scope,
): Promise<Listener> {
  const { world, layout, routerSlots: slots, sweeper, bug } = data;
  const { clock, random, metrics } = world;
  const served = serverParams(server);
  const tier = owner.own(
    openServerTier({
      server: served,
      router: { ...defaultRouter, label: router.label },
      next,
      slots,
      clock,
      random,
      metrics,
    }),
  );
  const settings = { ...defaultHttp1Settings, ...headLimits(router) };
  const site = { service: tier.service, layout, settings, clock, sweeper, bug };
  const listener = await Listener.listen({
    host: server.ip,
    port: server.port,
    accept: (socket, closed) => new Http1Downstream(socket, site, closed),
  });
  owner.own(listener);
  const labels = { router: router.label, server: served.label };
  metrics.gauge(serverConnections, labels, owner, () => listener.connections);
  world.log.info("server.listening", { router: router.label, host: server.ip, port: listener.port });
  return listener;
}

function serverParams(server: ServerConfig): ServerParams {
  return {
    label: `${server.ip}/${server.port}`,
    maxCallDepth: server.maxCallDepth,
    clearContext: server.clearContext,
    trust: server.trust ?? "all",
    timestampHeader: server.timestampHeader,
  };
}
