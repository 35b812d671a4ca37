/** The composition root of a daemon in one thread: a configuration in, a running daemon out. */
import type { UsageDesk } from "./admin/usage-routes.ts";
import { namerStates, readinessOf } from "./admin-source.ts";
import type { RouterPart, RouterQuery } from "./admin/state.ts";
import type { BoundRoutesQuery } from "./base/bound-routes.ts";
import { bugsTo } from "./base/defects.ts";
import { MetricsRegistry } from "./base/metrics-registry.ts";
import { Scope } from "./base/scope.ts";
import { turn } from "./base/turn.ts";
import type { Config, ServerConfig } from "./config/config.ts";
import { type Daemon, type LinkerParts, logStart, Moves } from "./daemon.ts";
import { type DataHalf, linkData } from "./data-linker.ts";
import type { BindingSource } from "./data-path.ts";
import { explainSource } from "./explain-linker.ts";
import { openHealthChecks } from "./health-linker.ts";
import { estateOf, ListenPlan, placesIn, wantedPlaces } from "./listen-plan.ts";
import { LiveAdmin } from "./live-admin.ts";
import { LiveBridge } from "./live-bridge.ts";
import { LiveNaming } from "./live-naming.ts";
import { openMemory } from "./memory-linker.ts";
import type { World } from "./naming-root.ts";
import type { ListenPlace } from "./net/listen-place.ts";
import { openReloads, type Reloads } from "./reload-linker.ts";
import type { Step } from "./reload/reloader.ts";
import { type DrivenShifts, openShifts } from "./shift-linker.ts";
import { StackKeys } from "./stack-keys.ts";
import { gaugeThread } from "./threads/thread-gauges.ts";
import { openUsage } from "./usage-linker.ts";

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

/** What goes on from one configuration to the next. */
interface Parts {
  readonly world: World;
  readonly bug: (error: unknown) => void;
  readonly setLogLevel: LinkerParts["setLogLevel"];
  readonly naming: LiveNaming;
  readonly bridge: LiveBridge;
  readonly data: DataHalf;
  readonly moves: Moves;
  keys: StackKeys;
  /** Where there are any. */
  shifts: DrivenShifts | undefined;
  /** Once it is counted. */
  usage: UsageDesk | undefined;
  /** Opened last; what asks for it comes by it. */
  admin: LiveAdmin | undefined;
}

async function open(config: Config, parts: LinkerParts, scope: Scope): Promise<Daemon> {
  const { world: outside, inheritance, origin, setLogLevel } = parts;
  const registry = new MetricsRegistry();
  const world: World = { ...outside, metrics: registry };
  const { log } = world;
  gaugeThread("main", registry, scope);
  const bug = bugsTo(log);
  const memory = await openMemory(config, world, scope);
  const linked = await openShifts(config, world, scope);
  const naming = new LiveNaming(world, memory, scope, linked?.overlays);
  const keys = StackKeys.first(config);
  (await naming.prepare(config, keys)).commit();
  const bridge = new LiveBridge({ world, namers: () => naming.namers, bug }, scope);
  const bridged = await bridge.prepare(config, naming.namers);
  const plan = new ListenPlan({ ...config, workers: 1, inheritance, isShared: false });
  const first = { config, keys, placesOf: placesIn(config, plan.next(0)) };
  const health = openHealthChecks({ world, bug, baseDir: config.baseDir, naming }, scope);
  const binding: BindingSource = {
    interpreterFor: (key) => naming.interpreterFor(key),
    unreachable: (id) => naming.unreachable(id),
    health,
  };
  const data = await linkData({ world, naming: binding, bug, workers: 1 }, first, scope);
  bridged.commit(data.servers);
  const moves = new Moves(log);
  const opening = { shifts: undefined, usage: undefined, admin: undefined };
  const running: Parts = { world, bug, setLogLevel, naming, bridge, data, moves, keys, ...opening };
  running.shifts = linked?.drive({
    routers: config.routers,
    interpreterFor: (router) => naming.interpreterFor(running.keys.of(router)),
    metrics: registry,
    bound: async ({ bound }) => data.bound(bound),
  });
  const apply = (step: Step): Promise<void> => applyTo(running, step);
  const reloads = openReloads({ first: config, origin, world, revision: 1, apply }, scope);
  const opened = await openLiveAdmin(running, reloads, { ...parts, registry }, scope);
  const { admin } = opened;
  running.admin = admin;
  logStart(log, config, { servers: data.servers, admin });
  return daemonOf(running, reloads, opened, scope);
}

/** What its owner has of a daemon. */
function daemonOf(
  { data, bridge, moves, world }: Parts,
  reloads: Reloads,
  { admin, readiness, shutdownAsked }: Awaited<ReturnType<typeof openLiveAdmin>>,
  scope: Scope,
): Daemon {
  const current = (): Config => reloads.reloader.running;
  return {
    get servers() {
      return data.servers;
    },
    get admin() {
      return { host: admin.host, port: admin.port };
    },
    shutdownAsked,
    places: () => wantedPlaces(current()),
    estate: () => estateOf(current(), [data.servers], admin.fd),
    leaveAdmin: () => admin.leave(),
    reload: () => reloads.bySignal(),
    whenMoved: (moved) => moves.whenMoved(moved),
    close: async () => {
      await reloads.reloader.end();
      readiness.drain();
      return shutDown({ data, bridge }, scope, current(), world);
    },
  };
}

async function openLiveAdmin(
  running: Parts,
  reloads: Reloads,
  { version, inheritance, registry }: LinkerParts & { readonly registry: MetricsRegistry },
  scope: Scope,
) {
  const { world, bug, naming, bridge, data, shifts } = running;
  const { clock } = world;
  const current = (): Config => reloads.reloader.running;
  const readiness = readinessOf(naming, current, clock);
  const asked = Promise.withResolvers<void>();
  const view = async (query: RouterQuery): Promise<readonly RouterPart[]> => data.view(query);
  const counted = { config: current, bound: async ({ bound }: BoundRoutesQuery) => data.bound(bound) };
  const usage = await openUsage({ world, namers: () => naming.namers, metrics: registry, ...counted }, scope);
  running.usage = usage;
  const admin = await LiveAdmin.open(
    {
      source: { version, routers: view, namers: () => namerStates(naming) },
      explain: explainSource({
        config: current,
        interpreterFor: (router) => naming.interpreterFor(running.keys.of(router)),
        namersAlone: () => naming.namersAlone,
        identify: (router, request) => data.identify(router.label, request),
        overlays: shifts?.overlays,
      }),
      why: async (query) => data.why(query),
      metrics: registry,
      refresh: async () => undefined,
      world,
      bug,
      readiness,
      namers: () => naming.namers,
      release: (id) => naming.release(id),
      reloads,
      mirrors: bridge.mirrors,
      shifts: shifts?.desk,
      usage,
      shutdown: asked.resolve,
    },
    current(),
    { fd: inheritance.takeAdmin() },
    scope,
  );
  return { admin, readiness, shutdownAsked: asked.promise };
}

/** A new server opens a socket of its own. */
const placesOf = ({ ip: host, port }: ServerConfig): readonly ListenPlace[] => [{ host, port }];

/** Prepares all of it before anything changes, with turns between, for requests go on in this thread; from the commit on nothing can fail. */
async function applyTo(running: Parts, { before, after, revision }: Step): Promise<void> {
  const { naming, bridge, data, admin, moves, bug, setLogLevel, shifts, usage } = running;
  const keys = running.keys.next(before, after, revision);
  await using undo = new AsyncDisposableStack();
  const named = undo.adopt(await naming.prepare(after, keys), (each) => each.cancel());
  await turn();
  const bridged = undo.adopt(await bridge.prepare(after, named.namers), (each) => each.cancel());
  const moved = undo.adopt(await admin?.prepare(after), (each) => each?.cancel());
  await turn();
  const linked = undo.adopt(await data.prepare({ config: after, keys, placesOf }), (each) => each.cancel());
  await turn();
  await usage?.look();
  await bridged.leave();
  undo.move();
  const old = data.servers;
  running.keys = keys;
  const replaced = named.commit();
  const retired = linked.commit();
  bridged.commit(data.servers);
  moved?.commit();
  shifts?.renew(after.routers);
  setLogLevel(after.log.level);
  moves.tell(old, data.servers);
  void retired.then(() => replaced.close()).catch(bug);
}

/** How long closing may take when nothing is under way any more. */
const CLOSE_MS = 2_000;

async function shutDown(
  { data, bridge }: Pick<Parts, "data" | "bridge">,
  scope: Scope,
  config: Config,
  { log, clock }: World,
): Promise<void> {
  log.info("drain.started");
  using timers = new DisposableStack();
  const deadline = new AbortController();
  const over = new Error("the grace of the shutdown is over");
  timers.use(clock.timer(config.shutdownGraceMs, () => deadline.abort(over)));
  await bridge.withdraw();
  await data.drain(deadline.signal);
  // What was cut off at the deadline is gone by now, and the rest closes at once: only what hangs is left behind.
  const closing = new AbortController();
  timers.use(clock.timer(CLOSE_MS, () => closing.abort(new Error("something hangs"))));
  await scope.close(closing.signal);
  log.info("drain.finished");
}
