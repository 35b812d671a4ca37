/** The composition root of a daemon of several threads: what each is started with, and what they tell. */
import { createServer } from "node:net";
import { type Config, defaultWorkers } from "./config/config.ts";
import { PluginNotCreated } from "./config/create-plugin.ts";
import { type Daemon, type LinkerParts, logStart } from "./daemon.ts";
import { ListenError } from "./net/listener.ts";
import {
  type ControlStart,
  type Listening,
  type ListenAt,
  PROTOCOL,
  type ThreadError,
  type ToMain,
  type WorkerStart,
} from "./threads/protocol.ts";
import { Supervisor, type SupervisorParts } from "./threads/supervisor.ts";
import { ThreadNotStarted } from "./threads/thread.ts";

export interface ThreadedParts extends LinkerParts {
  /** Gets each line of the log of other threads, without its end. */
  readonly writeLog: (line: string) => void;
  /** How large the control thread's heap may grow; past it that thread dies, and is started anew. */
  readonly controlHeapMb?: number;
}

export interface ThreadedDaemon extends Daemon {
  /** For those who try what happens when a thread dies. */
  readonly supervisor: Supervisor;
}

const CONTROL_HEAP_MB = 512;
/** Requests leave nothing behind that lives long: a young generation of 2 MB costs no time, and saves some 10 MB. */
const YOUNG_MB = 2;

/** As `link`, in a control thread and as many workers as the configuration says. */
export async function linkThreads(config: Config, parts: ThreadedParts): Promise<ThreadedDaemon> {
  const { clock, random, log } = parts.world;
  const workers = Math.max(1, config.workers ?? defaultWorkers);
  const told = new Told(parts.writeLog);
  const supervisor = new Supervisor({
    clock,
    random,
    log,
    workers,
    heard: (message) => told.hear(message),
    ...plansOf(config, workers, parts.controlHeapMb ?? CONTROL_HEAP_MB, told),
  });
  try {
    if (workers > 1) await refusePortsInUse(config);
    const servers = await supervisor.start();
    const opened = { servers, admin: await told.admin };
    logStart(log, config, opened);
    const close = (): Promise<void> => shutDown(supervisor, config, parts);
    return { ...opened, shutdownAsked: told.shutdownAsked, supervisor, close };
  } catch (error) {
    await supervisor.close(0);
    throw error instanceof ThreadNotStarted ? errorOf(error.why) : error;
  }
}

/** What the threads have told beside their start and end. */
class Told {
  readonly #writeLog: (line: string) => void;
  readonly #admin = Promise.withResolvers<Daemon["admin"]>();
  readonly #asked = Promise.withResolvers<void>();
  /** Where the admin port is, once there is one: a control thread that is started anew takes the same. */
  adminPort: number | undefined;

  constructor(writeLog: (line: string) => void) {
    this.#writeLog = writeLog;
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
    else if (message.type === "failed") this.#admin.reject(new ThreadNotStarted(message.error));
    else if (message.type === "shutdown") this.#asked.resolve();
    else if (message.type === "admin") {
      this.adminPort = message.port;
      this.#admin.resolve({ host: message.host, port: message.port });
    }
  }
}

function plansOf(
  config: Config,
  workers: number,
  controlHeapMb: number,
  told: Told,
): Pick<SupervisorParts, "control" | "worker"> {
  const { file, text, baseDir } = config;
  const given = { protocol: PROTOCOL, text, file, baseDir, logLevel: config.log.level, workers };
  return {
    control: {
      entry: new URL(import.meta.resolve("linkspan/control")),
      resourceLimits: { maxOldGenerationSizeMb: controlHeapMb, maxYoungGenerationSizeMb: YOUNG_MB },
      start: (): ControlStart => {
        const { adminPort } = told;
        return adminPort === undefined ? given : { ...given, adminPort };
      },
    },
    worker: (worker, servers) => ({
      entry: new URL(import.meta.resolve("linkspan/worker")),
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      start: (): WorkerStart => ({ ...given, worker, listen: placesOf(config, workers, servers) }),
    }),
  };
}

/** Where each server of each router listens: at the port that the first worker was given, once there is one. */
function placesOf(
  { routers }: Config,
  workers: number,
  servers: readonly Listening[] | undefined,
): readonly (readonly (readonly ListenAt[])[])[] {
  let at = 0;
  return routers.map((router) =>
    router.servers.map(({ ip: host, port }) => [{ host, port: servers?.[at++]?.port ?? port, reusePort: workers > 1 }]),
  );
}

/** Who shares its port with other workers would share it with another daemon too, and never be told. */
async function refusePortsInUse({ routers }: Config): Promise<void> {
  for (const { ip: host, port } of routers.flatMap((router) => router.servers)) {
    if (port === 0) continue;
    const probe = createServer();
    await new Promise<void>((resolve, reject) => {
      probe.once("error", (error) => reject(ListenError.of(error, host, port)));
      probe.listen({ host, port, exclusive: true }, resolve);
    });
    await new Promise((resolve) => probe.close(resolve));
  }
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
