/** The composition root of a data worker: a thread with listeners, routers and connections, named by the control thread. */
import type { BoundRoutesQuery } from "./base/bound-routes.ts";
import type { MessagePort } from "node:worker_threads";
import type { RouterQuery } from "./admin/state.ts";
import { Scope } from "./base/scope.ts";
import { inTurns } from "./base/turn.ts";
import type { BindingSource } from "./data-path.ts";
import { type DataHalf, linkData } from "./data-linker.ts";
import type { IdentifyQuery } from "./naming/asked-request.ts";
import { placesIn } from "./listen-plan.ts";
import type { WhyQuery } from "./base/request-record.ts";
import { ControlLine } from "./threads/control-line.ts";
import type { HealthRequest } from "./threads/health-messages.ts";
import { Parent } from "./threads/parent.ts";
import type { BindingRequest, ToWorker, WorkerStart } from "./threads/protocol.ts";
import { RemoteHealth } from "./threads/remote-health.ts";
import { RemoteBindings } from "./threads/remote-interpreter.ts";
import { SharedMetrics } from "./threads/shared-metrics.ts";
import { gaugeThread } from "./threads/thread-gauges.ts";
import { StackKeys } from "./stack-keys.ts";
import { openThreadWorld, type ThreadWorld } from "./thread-world.ts";
import { WorkerSteps } from "./worker-steps.ts";

const parent = Parent.ofThisThread<WorkerStart>();
const scope = new Scope();
const bindings = new RemoteBindings();
const health = new RemoteHealth();
const metrics = new SharedMetrics();
let control: ControlLine | undefined;
let bug: ThreadWorld["bug"] = (error) => parent.failed(error);
let data: DataHalf | undefined;
let steps: WorkerSteps | undefined;

parent.listen((message) => {
  if (message.type === "start") void start(message.start);
  else if (message.type === "join") join(message.port);
  else if (message.type === "prepare") void steps?.prepare(message.step);
  else if (message.type === "commit") steps?.commit(message.revision);
  else if (message.type === "cancel") void steps?.cancel(message.revision);
  else if (message.type === "close") void close(message.graceMs);
});

async function start(given: WorkerStart): Promise<void> {
  try {
    const thread = await openThreadWorld(given, parent, metrics);
    bug = thread.bug;
    gaugeThread(`worker ${given.worker}`, metrics, scope);
    data = await openData(given, thread);
    steps = new WorkerSteps({ data, thread, baseDir: given.baseDir, parent });
    parent.say({ type: "ready", servers: data.servers });
  } catch (error) {
    parent.failed(error);
  }
}

function openData({ listen, workers, worker, keys }: WorkerStart, thread: ThreadWorld): Promise<DataHalf> {
  const { config, world } = thread;
  const log = workers > 1 ? world.log.with({ worker }) : world.log;
  const naming: BindingSource = {
    interpreterFor: (key) => bindings.interpreterFor(key),
    unreachable: (id) => bindings.unreachable(id),
    health,
  };
  const first = { config, keys: new StackKeys(keys), placesOf: placesIn(config, listen) };
  return linkData({ world: { ...world, log }, naming, bug: thread.bug, workers }, first, scope);
}

/** A control thread, the first one or one in place of another. */
function join(port: MessagePort): void {
  control?.[Symbol.dispose]();
  const line: ControlLine = new ControlLine(port, {
    hear: (message) => hear(message, line),
    missed: () => {
      metrics.repeat();
      bindings.attach(ask);
      health.attach(askHealth);
    },
    closed: () => {
      bindings.detach();
      health.detach();
      metrics.detach();
    },
  });
  control = line;
  const ask = (request: BindingRequest): void => line.say({ part: "naming", body: request });
  const askHealth = (request: HealthRequest): void => line.say({ part: "health", body: request });
  metrics.attach((news) => line.say({ part: "metrics", body: news }));
  bindings.attach(ask);
  health.attach(askHealth);
}

function hear(message: ToWorker, line: ControlLine): void {
  if (message.part === "naming") bindings.hear(message.body);
  else if (message.part === "health") health.hear(message.body);
  else if (message.part === "metrics") metrics.freed(message.freed);
  else void show(message.seq, message.query as ViewQuery, line);
}

type ViewQuery = "gauges" | RouterQuery | BoundRoutesQuery | IdentifyQuery | WhyQuery;

async function show(seq: number, query: ViewQuery, line: ControlLine): Promise<void> {
  line.say({ part: "view", seq, view: await viewOf(query) });
}

async function viewOf(query: ViewQuery): Promise<unknown> {
  if (query === "gauges") return inTurns(metrics.readGauges()).then(() => true);
  if ("request" in query) return data?.identify(query.router, query.request);
  if ("bound" in query) return data?.bound(query.bound) ?? [];
  return ("why" in query ? data?.why(query) : data?.view(query)) ?? [];
}

/** How long closing may take when nothing is under way any more. */
const CLOSE_MS = 500;

/** Whatever hangs then ends with the thread. */
async function close(graceMs: number): Promise<void> {
  try {
    await data?.drain(AbortSignal.timeout(Math.ceil(graceMs)));
    // What was cut off at the deadline is gone by now, and the rest closes at once.
    await scope.close(AbortSignal.timeout(CLOSE_MS));
  } catch (error) {
    bug(error);
  }
  // oxlint-disable-next-line unicorn/no-process-exit -- ends this thread only
  process.exit(0);
}
