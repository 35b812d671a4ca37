/** The composition root of a daemon of several threads: what each is started with, and what they tell. */
import { randomUUID } from "node:crypto";
import type { Log } from "./base/log.ts";
import { type Clock, sleep } from "./base/time.ts";
import { type Config, defaultWorkers } from "./config/config.ts";
import { PluginNotCreated } from "./config/create-plugin.ts";
import { controlHeapMb } from "./control-heap.ts";
import { type Daemon, type LinkerParts, logStart, Moves } from "./daemon.ts";
import { estateOf, wantedPlaces } from "./listen-plan.ts";
import { ListenError } from "./net/listener.ts";
import type { ConfigOrigin } from "./reload-linker.ts";
import { Rounds, RunningThreads } from "./rounds.ts";
import type { ControlStart, RoundRequest, ThreadError, ToMain, WorkerStart } from "./threads/protocol.ts";
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
  const running = new RunningThreads(config, workers, parts);
  const told = new Told(parts, parts.inheritance.takeAdmin(), (request) => void rounds.run(request));
  const supervisor: Supervisor = new Supervisor({
    clock,
    random,
    log,
    workers,
    heard: (message) => told.hear(message),
    portLost: told.losePort,
    ...plansOf(running, controlHeapMb(config.controlHeapMb), told, parts.origin),
  });
  const moves = new Moves(log);
  const rounds = new Rounds(running, supervisor, moves, parts);
  try {
    await running.plan.refusePortsInUse();
    await supervisor.start();
    const opened = { servers: supervisor.servers, admin: await told.admin };
    logStart(log, config, opened);
    return {
      get servers() {
        return supervisor.servers;
      },
      get admin() {
        return told.adminAt ?? opened.admin;
      },
      shutdownAsked: told.shutdownAsked,
      portLost: told.portLost,
      supervisor,
      places: () => wantedPlaces(running),
      estate: () => estateOf(running, supervisor.listening, told.adminFd),
      reload: () => supervisor.tellControl({ type: "reload" }),
      whenMoved: (moved) => moves.whenMoved(moved),
      leaveAdmin: () => supervisor.leaveAdmin(),
      close: () => shutDown({ supervisor, told, clock }, running.shutdownGraceMs, log),
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
  readonly #withdrawn = Promise.withResolvers<void>();
  /** Whether servers are announced, which the control thread must take away before they close. */
  isAnnouncing = false;
  readonly portLost: Promise<void>;
  readonly losePort: () => void;
  /** Where the admin port is, once there is one: a control thread that is started anew takes the same. */
  adminAt: Daemon["admin"] | undefined;
  /** Of its listening socket: inherited, until the control thread has said which it is. */
  adminFd: number | undefined;

  readonly #round: (request: RoundRequest) => void;

  constructor({ writeLog, world }: ThreadedParts, adminFd: number | undefined, round: (request: RoundRequest) => void) {
    this.#round = round;
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

  get withdrawn(): Promise<void> {
    return this.#withdrawn.promise;
  }

  hear(message: ToMain): void {
    if (message.type === "log") this.#writeLog(message.line);
    else if (message.type === "failed") this.#failed(message.error);
    else if (message.type === "shutdown") this.#asked.resolve();
    else if (message.type === "announcing") this.isAnnouncing = message.isSo;
    else if (message.type === "withdrawn") this.#withdrawn.resolve();
    else if (message.type === "round") this.#round(message.request);
    else if (message.type === "admin") {
      this.adminAt = { host: message.host, port: message.port };
      this.adminFd = message.fd;
      this.#admin.resolve(this.adminAt);
    }
  }

  /** The first time it is the end of the start; later ones are tried again. */
  #failed(why: ThreadError): void {
    if (this.adminAt === undefined) this.#admin.reject(new ThreadNotStarted(why));
    else this.#log.error("thread.failed", { thread: "control", cause: why.message });
  }
}

function plansOf(
  running: RunningThreads,
  heapMb: number,
  told: Told,
  origin: ConfigOrigin,
): Pick<SupervisorParts, "control" | "worker"> {
  const life = randomUUID();
  return {
    control: {
      entry: new URL(import.meta.resolve("linkspan/control")),
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_MB },
      start: (): ControlStart => {
        const { adminAt, adminFd } = told;
        const given = { ...running.given, source: running.source, origin, life };
        if (adminAt !== undefined) return { ...given, adminPort: adminAt.port };
        return adminFd === undefined ? given : { ...given, adminFd };
      },
    },
    worker: (worker, servers) => ({
      entry: new URL(import.meta.resolve("linkspan/worker")),
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      start: (): WorkerStart => ({
        ...running.given,
        source: running.workerSource,
        worker,
        listen: running.plan.next(worker, servers),
      }),
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

/** So long the control thread may take to have registries forget the servers. */
const WITHDRAW_MS = 2_500;

interface Ending {
  readonly supervisor: Supervisor;
  readonly told: Told;
  readonly clock: Clock;
}

async function shutDown({ supervisor, told, clock }: Ending, graceMs: number, log: Log): Promise<void> {
  log.info("drain.started");
  if (told.isAnnouncing) {
    supervisor.tellControl({ type: "withdraw" });
    const over = new AbortController();
    await Promise.race([told.withdrawn, sleep(clock, WITHDRAW_MS, over.signal).catch(() => undefined)]);
    over.abort();
  }
  await supervisor.close(graceMs);
  log.info("drain.finished");
}
