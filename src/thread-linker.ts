/** The composition root of a daemon of several threads: what each is started with, and what they tell. */
import { createServer } from "node:net";
import { type Config, defaultWorkers } from "./config/config.ts";
import { PluginNotCreated } from "./config/create-plugin.ts";
import { type Daemon, type LinkerParts, logStart } from "./daemon.ts";
import { ListenError } from "./net/listener.ts";
import {
  type ControlStart,
  type GivenConfig,
  type Listening,
  type ListenPlace,
  PROTOCOL,
  type ThreadError,
  type ToMain,
  type WorkerStart,
} from "./threads/protocol.ts";
import { Supervisor } from "./threads/supervisor.ts";
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
  const admin = Promise.withResolvers<{ host: string; port: number }>();
  admin.promise.catch(() => undefined);
  const asked = Promise.withResolvers<void>();
  let adminPort: number | undefined;
  const heard = (message: ToMain): void => {
    if (message.type === "log") parts.writeLog(message.line);
    else if (message.type === "failed") admin.reject(new ThreadNotStarted(message.error));
    else if (message.type === "shutdown") asked.resolve();
    else if (message.type === "admin") {
      adminPort = message.port;
      admin.resolve({ host: message.host, port: message.port });
    }
  };
  const { file, text, baseDir } = config;
  const given: GivenConfig = { text, file, baseDir, logLevel: config.log.level, workers };
  const control = (): ControlStart => ({
    ...given,
    protocol: PROTOCOL,
    ...(adminPort === undefined ? {} : { adminPort }),
  });
  const supervisor = new Supervisor({
    clock,
    random,
    log,
    workers,
    heard,
    control: {
      entry: new URL(import.meta.resolve("linkspan/control")),
      resourceLimits: {
        maxOldGenerationSizeMb: parts.controlHeapMb ?? CONTROL_HEAP_MB,
        maxYoungGenerationSizeMb: YOUNG_MB,
      },
      start: control,
    },
    worker: (worker, servers) => ({
      entry: new URL(import.meta.resolve("linkspan/worker")),
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      start: (): WorkerStart => ({ ...given, protocol: PROTOCOL, worker, listen: placesOf(config, workers, servers) }),
    }),
  });
  try {
    if (workers > 1) await refusePortsInUse(config);
    const servers = await supervisor.start();
    const opened = { servers, admin: await admin.promise };
    logStart(log, config, opened);
    return { ...opened, shutdownAsked: asked.promise, supervisor, close: () => shutDown(supervisor, config, parts) };
  } catch (error) {
    await supervisor.close(0);
    throw error instanceof ThreadNotStarted ? errorOf(error.why) : error;
  }
}

/** Where each server of each router listens: at the port that the first worker was given, once there is one. */
function placesOf(
  { routers }: Config,
  workers: number,
  servers: readonly Listening[] | undefined,
): readonly (readonly ListenPlace[])[] {
  let at = 0;
  return routers.map((router) =>
    router.servers.map(({ ip: host, port }) => ({
      host,
      port: servers?.[at++]?.port ?? port,
      reusePort: workers > 1,
    })),
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
