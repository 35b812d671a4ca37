/** Links one router: identifiers, routes, clusters, and the servers that callers connect to. */
import type { Scope } from "./base/scope.ts";
import type { ClusterTier } from "./cluster/stack.ts";
import { type RouterConfig, settingsFor } from "./config/config.ts";
import { linkClients } from "./client-linker.ts";
import type { BindingSource, DataPath } from "./data-path.ts";
import type { Path } from "./naming/path.ts";
import { pluginContext } from "./naming-root.ts";
import type { ListenerGroup } from "./net/listener-group.ts";
import { PluginInstances } from "./plugin-instances.ts";
import { defaultRouter, type RouterParams, type ServiceParams } from "./router/params.ts";
import { Router, type RouterView } from "./router/router.ts";
import { openServer } from "./server-linker.ts";
import { openTcpServer } from "./tcp-linker.ts";

export interface LinkedServer {
  readonly router: string;
  readonly host: string;
  readonly port: number;
  /** Descriptors of its listening sockets, where they can be told. */
  readonly fds: readonly number[];
}

export interface LinkedRouter {
  readonly label: string;
  readonly servers: readonly LinkedServer[];
  view(): RouterView;
  clusters(): readonly ClusterTier[];
  /** Accepts no more, and lets what is under way finish until the deadline. */
  drain(deadline: AbortSignal): Promise<void>;
}

export async function linkRouter(
  router: RouterConfig,
  naming: BindingSource,
  data: DataPath,
  owner: Scope,
): Promise<LinkedRouter> {
  const { world, layout, routerSlots: slots, clusterSlots, bug } = data;
  const { clock, random, metrics } = world;
  const context = pluginContext(data.config, world, owner, { layout, dstPrefix: router.dstPrefix });
  const identifiers = await PluginInstances.of("identifier", router.identifiers, context);
  const unreachable = (id: Path): boolean => naming.unreachable(id);
  const { shareOf, sweeper } = data;
  const parts = { world, slots: clusterSlots, context, bug, unreachable, sweeper, shareOf };
  const clients = await linkClients(router, parts, owner);
  const params: RouterParams = {
    ...defaultRouter,
    label: router.label,
    identifiers: router.identifiers.map((use) => identifiers.get(use)),
    bindingTimeoutMs: router.bindingTimeoutMs,
    maxPending: shareOf(defaultRouter.maxPending),
    maxRoutes: router.bindingCache.paths,
    idleTtlMs: router.bindingCache.idleTtlSecs * 1_000,
    service: await serviceParams(router, context, shareOf),
    carries: router.protocol === "tcp" ? "connections" : "requests",
  };
  const interpreter = naming.interpreterFor(router);
  const { source: clusters } = clients;
  const routes = owner.own(new Router({ params, interpreter, clusters, slots, clock, random, metrics, bug }));
  const listeners: ListenerGroup[] = [];
  const open = router.protocol === "tcp" ? openTcpServer : openServer;
  for (const server of router.servers) listeners.push(await open(router, server, routes, data, owner));
  return {
    label: router.label,
    servers: listeners.map((listener, at) => {
      const { port, fds } = listener;
      return { router: router.label, host: router.servers[at]?.ip ?? "", port, fds };
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
  context: ReturnType<typeof pluginContext>,
  shareOf: (limit: number) => number,
): Promise<(path: Path) => ServiceParams> {
  const said = [router.service.base, ...router.service.rules.map((rule) => rule.settings)];
  const uses = said.flatMap((each) => each.responseClassifier ?? []);
  const classifiers = await PluginInstances.of("classifier", uses, context);
  return (path) => {
    const { totalTimeoutMs, retries, responseClassifier, retryBufferSize } = settingsFor(router.service, path);
    const { minRetriesPerSec, percentCanRetry, ttlSecs } = retries.budget;
    return {
      totalTimeoutMs,
      retries: {
        ...retries,
        keptBytes: retryBufferSize?.requestBytes ?? 0,
        budget: { minRetriesPerSec: shareOf(minRetriesPerSec), percentCanRetry, ttlMs: ttlSecs * 1_000 },
      },
      classifier: classifiers.get(responseClassifier),
    };
  };
}
