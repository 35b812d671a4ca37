/** The composition root of a daemon in one thread: a configuration in, a running daemon out. */
import { openAdmin } from "./admin-linker.ts";
import { namerStates, readinessOf } from "./admin-source.ts";
import { bugsTo } from "./base/defects.ts";
import { MetricsRegistry } from "./base/metrics-registry.ts";
import { Scope } from "./base/scope.ts";
import type { Config } from "./config/config.ts";
import { type Daemon, type LinkerParts, logStart } from "./daemon.ts";
import { type DataHalf, linkData } from "./data-linker.ts";
import { estateOf, ListenPlan, placesIn } from "./listen-plan.ts";
import { openMemory } from "./memory-linker.ts";
import { openNaming, type World } from "./naming-root.ts";

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

async function open(
  config: Config,
  { world: outside, version, inheritance }: LinkerParts,
  scope: Scope,
): Promise<Daemon> {
  const registry = new MetricsRegistry();
  const world: World = { ...outside, metrics: registry };
  const { log, clock } = world;
  const bug = bugsTo(log);
  const memory = await openMemory(config, world, scope);
  const naming = await openNaming(config, world, scope, memory);
  const plan = new ListenPlan({ config, workers: 1, inheritance, isShared: false });
  const placesOf = placesIn(config, plan.next(0));
  const data = await linkData({ config, world, naming, bug, workers: 1, placesOf }, scope);
  const readiness = readinessOf(naming.namers, config, clock);
  const asked = Promise.withResolvers<void>();
  const admin = await openAdmin(
    {
      host: config.admin.ip,
      port: config.admin.port,
      fd: inheritance.takeAdmin(),
      source: { version, routers: async (query) => data.view(query), namers: () => namerStates(naming.namers) },
      metrics: registry,
      refresh: async () => undefined,
      clock,
      bug,
      readiness,
      release: (id) => naming.release(id),
      shutdown: asked.resolve,
    },
    scope,
  );
  const { servers } = data;
  logStart(log, config, { servers, admin });
  return {
    servers,
    admin,
    shutdownAsked: asked.promise,
    estate: () => estateOf(config, [servers], admin.fd),
    leaveAdmin: () => admin.leave(),
    close: () => {
      readiness.drain();
      return shutDown(data, scope, config, world);
    },
  };
}

/** How long closing may take when nothing is under way any more. */
const CLOSE_MS = 2_000;

async function shutDown(data: DataHalf, scope: Scope, config: Config, { log, clock }: World): Promise<void> {
  log.info("drain.started");
  using timers = new DisposableStack();
  const deadline = new AbortController();
  const over = new Error("the grace of the shutdown is over");
  timers.use(clock.timer(config.shutdownGraceMs, () => deadline.abort(over)));
  await data.drain(deadline.signal);
  // What was cut off at the deadline is gone by now, and the rest closes at once: only what hangs is left behind.
  const closing = new AbortController();
  timers.use(clock.timer(CLOSE_MS, () => closing.abort(new Error("something hangs"))));
  await scope.close(closing.signal);
  log.info("drain.finished");
}
