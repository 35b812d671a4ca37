/** The composition root: a configuration in, a running daemon out. */
import { liveRoutes } from "./admin/live.ts";
import { metricsRoutes } from "./admin/metrics-routes.ts";
import { MinuteWindows } from "./admin/minute-windows.ts";
import { operationRoutes } from "./admin/operations.ts";
import { pageRoutes } from "./admin/page.ts";
import { ProcessMetrics } from "./admin/process-metrics.ts";
import { AdminServer } from "./admin/server.ts";
import { adminSource } from "./admin-source.ts";
import { MetricsRegistry } from "./base/metrics-registry.ts";
import { Scope } from "./base/scope.ts";
import { ClusterSlots } from "./cluster/slots.ts";
import type { Config } from "./config/config.ts";
import { Layout } from "./http/exchange.ts";
import { type World, openNaming } from "./naming-root.ts";
import { ListenError } from "./net/listener.ts";
import { Sweeper } from "./net/sweeper.ts";
import type { DataPath } from "./data-path.ts";
import { type LinkedRouter, type LinkedServer, linkRouter } from "./router-linker.ts";
import { RouterSlots } from "./router/slots.ts";

export interface Daemon {
  readonly servers: readonly LinkedServer[];
  readonly admin: { readonly host: string; readonly port: number };
  /** Resolves when somebody asked for the end at the admin port. */
  readonly shutdownAsked: Promise<void>;
  /** Takes no new requests, finishes those under way within the configured grace, closes everything. */
  close(): Promise<void>;
}

export interface LinkerParts {
  readonly world: Omit<World, "metrics">;
  readonly version: string;
}

/** What was opened is closed again when something cannot be: then it rejects with the cause. */
export async function link(config: Config, parts: LinkerParts): Promise<Daemon> {
  const scope = new Scope();
  try {
    return await open(config, parts, scope);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function open(config: Config, { world: outside, version }: LinkerParts, scope: Scope): Promise<Daemon> {
  const registry = new MetricsRegistry();
  const world: World = { ...outside, metrics: registry };
  const { log } = world;
  const bug = (error: unknown): void =>
    log.error("bug", { error: error instanceof Error ? error.stack : String(error) });
  const naming = await openNaming(config, world, scope);
  const data = dataPath(config, world, bug, scope);
  const routers: LinkedRouter[] = [];
  for (const router of config.routers) {
    routers.push(await linkRouter(router, naming, data, scope));
  }
  const asked = Promise.withResolvers<void>();
  const source = adminSource({ version, routers, namers: naming.namers });
  const windows = scope.own(new MinuteWindows(registry, world.clock));
  const server = new AdminServer(
    [
      ...pageRoutes(),
      ...liveRoutes(source, world.clock),
      ...operationRoutes(source, world.clock, asked.resolve),
      ...metricsRoutes({ registry, windows, process: new ProcessMetrics() }),
    ],
    bug,
  );
  const admin = await openAdmin(server, config, scope);
  log.info("config.loaded", { file: config.file, routers: routers.length, namers: naming.namers.length });
  log.info("admin.listening", { host: admin.host, port: admin.port });
  const servers = routers.flatMap((router) => router.servers);
  return { servers, admin, shutdownAsked: asked.promise, close: () => shutDown(routers, scope, config, world) };
}

function dataPath(config: Config, world: World, bug: (error: unknown) => void, scope: Scope): DataPath {
  const layout = new Layout();
  const clusterSlots = new ClusterSlots(layout);
  const routerSlots = new RouterSlots(layout, clusterSlots);
  return { config, world, layout, clusterSlots, routerSlots, sweeper: scope.own(new Sweeper(world.clock)), bug };
}

async function openAdmin(server: AdminServer, config: Config, scope: Scope): Promise<{ host: string; port: number }> {
  const { ip: host, port: wanted } = config.admin;
  scope.own(server);
  try {
    return { host, port: await server.listen(host, wanted) };
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    const what = `${host}:${wanted} (admin)`;
    if (inUse) throw new ListenError("listen.in_use", `${what} is in use`, error);
    throw new ListenError("listen.failed", `cannot listen on ${what}: ${(error as Error).message}`, error);
  }
}

async function shutDown(
  routers: readonly LinkedRouter[],
  scope: Scope,
  config: Config,
  { log, clock }: World,
): Promise<void> {
  log.info("drain.started");
  const deadline = new AbortController();
  const over = new Error("the grace of the shutdown is over");
  const timer = clock.timer(config.shutdownGraceMs, () => deadline.abort(over));
  try {
    await Promise.all(routers.map((router) => router.drain(deadline.signal)));
    await scope.close(deadline.signal);
  } finally {
    timer[Symbol.dispose]();
  }
  log.info("drain.finished");
}
