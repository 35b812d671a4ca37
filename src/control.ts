/** The composition root of the control thread: namers, what workers ask of them, and the admin port. */
import type { BoundRoutes, BoundRoutesQuery } from "./base/bound-routes.ts";
import type { MessagePort } from "node:worker_threads";
import { mergeParts } from "./admin/merge.ts";
import type { Readiness } from "./admin/readiness.ts";
import type { RouterPart, RouterQuery } from "./admin/state.ts";
import { namerStates, readinessOf } from "./admin-source.ts";
import { MetricsRegistry } from "./base/metrics-registry.ts";
import { Scope } from "./base/scope.ts";
import type { Config } from "./config/config.ts";
import { ControlSteps } from "./control-steps.ts";
import { explainSource } from "./explain-linker.ts";
import { openHealthChecks } from "./health-linker.ts";
import type { Interpreter } from "./naming/interpreter.ts";
import { openMemory } from "./memory-linker.ts";
import type { Identified, IdentifyQuery } from "./naming/asked-request.ts";
import type { Path } from "./naming/path.ts";
import { LiveAdmin, type AdminParts } from "./live-admin.ts";
import { LiveBridge, type PreparedBridge } from "./live-bridge.ts";
import { LiveNaming } from "./live-naming.ts";
import { type ConfigOrigin, openReloads, overridden, type Reloads } from "./reload-linker.ts";
import type { RequestRecord } from "./base/request-record.ts";
import type { Step } from "./reload/reloader.ts";
import { type DrivenShifts, openShifts } from "./shift-linker.ts";
import { StackKeys } from "./stack-keys.ts";
import { openUsage } from "./usage-linker.ts";
import { ControlledWorkers } from "./threads/controlled-workers.ts";
import { Parent } from "./threads/parent.ts";
import type { ControlStart, Listening } from "./threads/protocol.ts";
import { gaugeThread } from "./threads/thread-gauges.ts";
import { openThreadWorld, type ThreadWorld } from "./thread-world.ts";

/** How long the page and a scrape wait for a worker that is busy. */
const VIEW_TIMEOUT_MS = 1_000;

/** How long closing may take where the workers have used the grace up. */
const CLOSE_MS = 500;

const parent = Parent.ofThisThread<ControlStart>();
const scope = new Scope();
/** Channels that came before the namers were open. */
const early = new Map<number, MessagePort>();
let opened: Opened | undefined;

interface Opened {
  readonly start: ControlStart;
  readonly thread: ThreadWorld;
  readonly naming: LiveNaming;
  readonly bridge: LiveBridge;
  /** Until the servers are known. */
  bridged: PreparedBridge | undefined;
  readonly workers: ControlledWorkers;
  readonly readiness: Readiness;
  readonly steps: ControlSteps;
  readonly reloads: Reloads;
  readonly shifts: DrivenShifts | undefined;
}

parent.listen((message) => {
  if (message.type === "start") void start(message.start);
  else if (message.type === "join") join(message.worker, message.port);
  else if (message.type === "serving") void serve(message.servers);
  else if (message.type === "leaveAdmin") opened?.steps.admin?.leave();
  else if (message.type === "reload") opened?.reloads.bySignal();
  else if (message.type === "roundOver") opened?.steps.roundOver(message.revision, message.error, message.servers);
  else if (message.type === "retired") opened?.steps.retired(message.revision);
  else if (message.type === "withdraw") void withdraw();
  else if (message.type === "draining") drain();
  else if (message.type === "close") void close(message.graceMs);
});

async function start(given: ControlStart): Promise<void> {
  try {
    const registry = new MetricsRegistry();
    const thread = await openThreadWorld(given, parent, registry);
    const { world, config } = thread;
    gaugeThread("control", registry, scope);
    const memory = await openMemory(config, world, scope);
    const keys = new StackKeys(given.keys);
    const linked = await openShifts(config, world, scope);
    const naming = new LiveNaming(world, memory, scope, linked?.overlays);
    (await naming.prepare(config, keys)).commit();
    const { bug } = thread;
    const bridge = new LiveBridge({ world, namers: () => naming.namers, bug }, scope);
    const bridged = await bridge.prepare(config, naming.namers);
    const interpreterFor = (key: string): Interpreter => naming.interpreterFor(key);
    const unreachable = (id: Path): boolean => naming.unreachable(id);
    const health = openHealthChecks({ world, bug, baseDir: config.baseDir, naming }, scope);
    const { clock } = world;
    const workers = scope.own(new ControlledWorkers({ interpreterFor, unreachable, health, registry, clock }));
    const steps = new ControlSteps({ naming, bridge, thread, parent }, keys);
    const origin = given.origin as ConfigOrigin;
    const first = overridden(config, origin);
    const apply = (step: Step): Promise<void> => steps.apply(step);
    const reloads = openReloads({ first, origin, world, apply, revision: given.revision }, scope);
    const readiness = readinessOf(naming, () => reloads.reloader.running, world.clock);
    const shifts = linked?.drive({
      routers: config.routers,
      interpreterFor: (router) => naming.interpreterFor(steps.keys.of(router)),
      metrics: workers.metrics,
      bound: (query) => boundIn(workers, query),
    });
    steps.shifts = shifts;
    opened = { start: given, thread, naming, bridge, bridged, workers, readiness, steps, reloads, shifts };
    for (const [worker, port] of early) workers.join(worker, port);
    early.clear();
    parent.say({ type: "ready", servers: [] });
  } catch (error) {
    parent.failed(error);
  }
}

function join(worker: number, port: MessagePort): void {
  if (opened === undefined) early.set(worker, port);
  else opened.workers.join(worker, port);
}

async function serve(listening: readonly Listening[]): Promise<void> {
  opened?.bridged?.commit(listening);
  if (opened !== undefined) opened.bridged = undefined;
  opened?.steps.tellAnnouncing();
  await serveAdmin();
}

async function withdraw(): Promise<void> {
  await opened?.bridge.withdraw();
  parent.say({ type: "withdrawn" });
}

async function serveAdmin(): Promise<void> {
  if (opened === undefined) return;
  const { start: given, thread, naming, bridge, workers, readiness, steps, reloads, shifts } = opened;
  const { world, version, bug } = thread;
  const current = (): Config => reloads.reloader.running;
  const view = (query: RouterQuery): Promise<readonly RouterPart[]> => viewOf(workers, query);
  const bound = (query: BoundRoutesQuery): Promise<readonly BoundRoutes[]> => boundIn(workers, query);
  const usage = await openUsage(
    { world, config: current, namers: () => naming.namers, bound, metrics: workers.metrics, life: given.life },
    scope,
  );
  steps.usage = usage;
  const parts: AdminParts = {
    source: { version, routers: view, namers: () => namerStates(naming) },
    explain: explainSource({
      config: current,
      interpreterFor: (router) => naming.interpreterFor(steps.keys.of(router)),
      namersAlone: () => naming.namersAlone,
      identify: async ({ label: router }, request) => {
        const [answer] = await workers.view({ router, request } satisfies IdentifyQuery, VIEW_TIMEOUT_MS);
        return answer as Identified | undefined;
      },
      overlays: shifts?.overlays,
    }),
    why: async (query) => ((await workers.view(query, VIEW_TIMEOUT_MS)) as RequestRecord[][]).flat(),
    metrics: workers.metrics,
    refresh: async () => void (await workers.view("gauges", VIEW_TIMEOUT_MS)),
    world,
    bug,
    readiness,
    namers: () => naming.namers,
    release: (id) => naming.release(id),
    reloads,
    mirrors: bridge.mirrors,
    shifts: shifts?.desk,
    usage,
    shutdown: () => parent.say({ type: "shutdown" }),
  };
  try {
    const at = { port: given.adminPort, fd: given.adminFd };
    const { host, port, fd } = (steps.admin = await LiveAdmin.open(parts, current(), at, scope));
    parent.say({ type: "admin", host, port, ...(fd === undefined ? {} : { fd }) });
  } catch (error) {
    parent.failed(error);
    await close(0);
  }
}

async function boundIn(workers: ControlledWorkers, query: BoundRoutesQuery): Promise<readonly BoundRoutes[]> {
  return ((await workers.view(query, VIEW_TIMEOUT_MS)) as BoundRoutes[][]).flat();
}

async function viewOf(workers: ControlledWorkers, query: RouterQuery): Promise<readonly RouterPart[]> {
  return mergeParts((await workers.view(query, VIEW_TIMEOUT_MS)) as RouterPart[][], query);
}

function drain(): void {
  opened?.readiness.drain();
  void opened?.reloads.reloader.end();
}

async function close(graceMs: number): Promise<void> {
  const deadline = AbortSignal.timeout(Math.max(CLOSE_MS, Math.ceil(graceMs)));
  try {
    await scope.close(deadline);
  } catch (error) {
    if (!deadline.aborted) opened?.thread.bug(error);
  }
  // oxlint-disable-next-line unicorn/no-process-exit -- ends this thread only
  process.exit(0);
}
