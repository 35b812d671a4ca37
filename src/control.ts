/** The composition root of the control thread: namers, what workers ask of them, and the admin port. */
import type { MessagePort } from "node:worker_threads";
import { type OpenAdmin, openAdmin } from "./admin-linker.ts";
import { mergeParts } from "./admin/merge.ts";
import type { Readiness } from "./admin/readiness.ts";
import type { AdminSource, RouterPart } from "./admin/state.ts";
import { namerStates, readinessOf } from "./admin-source.ts";
import { MetricsRegistry } from "./base/metrics-registry.ts";
import { Scope } from "./base/scope.ts";
import type { Interpreter } from "./naming/interpreter.ts";
import { openMemory } from "./memory-linker.ts";
import { type NamingRoot, openNaming } from "./naming-root.ts";
import { ControlledWorkers } from "./threads/controlled-workers.ts";
import { Parent } from "./threads/parent.ts";
import type { ControlStart } from "./threads/protocol.ts";
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
let admin: OpenAdmin | undefined;

interface Opened {
  readonly start: ControlStart;
  readonly thread: ThreadWorld;
  readonly naming: NamingRoot;
  readonly workers: ControlledWorkers;
  readonly readiness: Readiness;
}

parent.listen((message) => {
  if (message.type === "start") void start(message.start);
  else if (message.type === "join") join(message.worker, message.port);
  else if (message.type === "serving") void serveAdmin();
  else if (message.type === "leaveAdmin") admin?.leave();
  else if (message.type === "draining") opened?.readiness.drain();
  else void close(message.graceMs);
});

async function start(given: ControlStart): Promise<void> {
  try {
    const registry = new MetricsRegistry();
    const thread = await openThreadWorld(given, parent, registry);
    const { world, config } = thread;
    const memory = await openMemory(config, world, scope);
    const naming = await openNaming(config, world, scope, memory);
    const interpreters = new Map<string, Interpreter>();
    for (const router of config.routers) interpreters.set(router.label, naming.interpreterFor(router));
    const interpreterFor = (label: string): Interpreter => {
      const interpreter = interpreters.get(label);
      if (interpreter === undefined) throw new Error(`there is no router ${label}`);
      return interpreter;
    };
    const unreachable: NamingRoot["unreachable"] = (id) => naming.unreachable(id);
    const workers = scope.own(new ControlledWorkers({ interpreterFor, unreachable, registry, clock: world.clock }));
    const readiness = readinessOf(naming.namers, config, world.clock);
    opened = { start: given, thread, naming, workers, readiness };
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

async function serveAdmin(): Promise<void> {
  if (opened === undefined) return;
  const { start: given, thread, naming, workers, readiness } = opened;
  const { config, world, version, bug } = thread;
  const source: AdminSource = {
    version,
    routers: async (query) => mergeParts((await workers.view(query, VIEW_TIMEOUT_MS)) as RouterPart[][], query),
    namers: () => namerStates(naming.namers),
  };
  try {
    admin = await openAdmin(
      {
        host: config.admin.ip,
        port: given.adminPort ?? config.admin.port,
        fd: given.adminFd,
        source,
        metrics: workers.metrics,
        refresh: async () => void (await workers.view("gauges", VIEW_TIMEOUT_MS)),
        clock: world.clock,
        bug,
        readiness,
        release: (id) => naming.release(id),
        shutdown: () => parent.say({ type: "shutdown" }),
      },
      scope,
    );
    const { host, port, fd } = admin;
    parent.say({ type: "admin", host, port, ...(fd === undefined ? {} : { fd }) });
  } catch (error) {
    parent.failed(error);
    await close(0);
  }
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
