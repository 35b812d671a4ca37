/** The composition root of a daemon of several threads: what each is started with, and what they tell. */
import type { Log } from "./base/log.ts";
import { type Config, defaultWorkers } from "./config/config.ts";
import { PluginNotCreated } from "./config/create-plugin.ts";
import { packSource } from "./config/packed-source.ts";
import { controlHeapMb } from "./control-heap.ts";
import { type Daemon, type LinkerParts, logStart } from "./daemon.ts";
import { estateOf, ListenPlan } from "./listen-plan.ts";
import { ListenError } from "./net/listener.ts";
import { type ControlStart, PROTOCOL, type ThreadError, type ToMain, type WorkerStart } from "./threads/protocol.ts";
import { Supervisor, type SupervisorParts } from "./threads/supervisor.ts";
import { ThreadNotStarted } from "./threads/thread.ts";

export interface ThreadedParts extends LinkerParts {
  /** Gets each line of the log of other threads, without its end. */
  readonly writeLog: (line: string) => void;
}

export interface ThreadedDaemon extends Daemon {
  /** For those who try what happens when a thread dies. */
  readonly supervisor: Supervisor;
}

/** Requests leave nothing behind that lives long: a young generation of 2 MB costs no time, and saves some 10 MB. */
const YOUNG_MB = 2;

/** As `link`, in a control thread and as many workers as the configuration says. */
export async function linkThreads(config: Config, parts: ThreadedParts): Promise<ThreadedDaemon> {
  const { clock, random, log } = parts.world;
  const workers = Math.max(1, config.workers ?? defaultWorkers);
  const told = new Told(parts, parts.inheritance.takeAdmin());
  const plan = new ListenPlan({ config, workers, inheritance: parts.inheritance, isShared: true });
  const supervisor = new Supervisor({
    clock,
    random,
    log,
    workers,
    heard: (message) => told.hear(message),
    portLost: told.losePort,
    ...plansOf(config, plan, workers, controlHeapMb(config.controlHeapMb), told),
  });
  try {
    await plan.refusePortsInUse();
    const servers = await supervisor.start();
    const opened = { servers, admin: await told.admin };
    logStart(log, config, opened);
    const close = (): Promise<void> => shutDown(supervisor, config, parts);
    return {
      ...opened,
      shutdownAsked: told.shutdownAsked,
      portLost: told.portLost,
      supervisor,
      estate: () => estateOf(config, supervisor.listening, told.adminFd),
      leaveAdmin: () => supervisor.leaveAdmin(),
      close,
    };
  } catch (error) {
    await supervisor.close(0);
    throw error instanceof ThreadNotStarted ? errorOf(error.why) : error;
  }
}

/** What the threads have told beside their start and end. */
class Told {
  readonly #writeLog: (line: string) => void;
  readonly #log: Log;
  readonly #admin = Promise.withResolvers<Daemon["admin"]>();
  readonly #asked = Promise.withResolvers<void>();
  readonly portLost: Promise<void>;
  readonly losePort: () => void;
  /** Where the admin port is, once there is one: a control thread that is started anew takes the same. */
  adminPort: number | undefined;
  /** Of its listening socket: inherited, until the control thread has said which it is. */
  adminFd: number | undefined;

  constructor({ writeLog, world }: ThreadedParts, adminFd: number | undefined) {
    this.#writeLog = writeLog;
    this.#log = world.log;
    this.adminFd = adminFd;
    ({ promise: this.portLost, resolve: this.losePort } = Promise.withResolvers<void>());
    // A start that fails before it comes to the admin port never looks here.
    this.#admin.promise.catch(() => undefined);
  }

  get admin(): Promise<Daemon["admin"]> {
    return this.#admin.promise;
  }

  get shutdownAsked(): Promise<void> {
    return this.#asked.promise;
  }

  hear(message: ToMain): void {
    if (message.type === "log") this.#writeLog(message.line);
    else if (message.type === "failed") this.#failed(message.error);
    else if (message.type === "shutdown") this.#asked.resolve();
    else if (message.type === "admin") {
      this.adminPort = message.port;
      this.adminFd = message.fd;
      this.#admin.resolve({ host: message.host, port: message.port });
    }
  }

  /** The first time it is the end of the start; later ones are tried again. */
  #failed(why: ThreadError): void {
    if (this.adminPort === undefined) this.#admin.reject(new ThreadNotStarted(why));
    else this.#log.error("thread.failed", { thread: "control", cause: why.message });
  }
}

function plansOf(
  config: Config,
  plan: ListenPlan,
  workers: number,
  heapMb: number,
  told: Told,
): Pick<SupervisorParts, "control" | "worker"> {
  const { source, baseDir } = config;
  const given = { protocol: PROTOCOL, source: packSource(source), baseDir, logLevel: config.log.level, workers };
  return {
    control: {
      entry: new URL(import.meta.resolve("linkspan/control")),
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_MB },
      start: (): ControlStart => {
        const { adminPort, adminFd } = told;
        if (adminPort !== undefined) return { ...given, adminPort };
        return adminFd === undefined ? given : { ...given, adminFd };
      },
    },
    worker: (worker, servers) => ({
      entry: new URL(import.meta.resolve("linkspan/worker")),
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      start: (): WorkerStart => ({ ...given, worker, listen: plan.next(worker, servers) }),
    }),
  };
}

/** The error that it was in its own thread, as far as somebody here tells it from others. */
function errorOf(why: ThreadError): Error {
  if (why.code === "listen.in_use" || why.code === "listen.failed") return new ListenError(why.code, why.message, why);
  if (why.name === "PluginNotCreated") return new PluginNotCreated(why.message);
  const error = new Error(why.message);
  error.name = why.name;
  if (why.stack !== undefined) error.stack = why.stack;
  return error;
}

async function shutDown(supervisor: Supervisor, config: Config, { world: { log } }: ThreadedParts): Promise<void> {
  log.info("drain.started");
  await supervisor.close(config.shutdownGraceMs);
  log.info("drain.finished");
}
