/** The process: the command line, signals, and what stands between a defect and the end of it. */
import { dirname, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { bugsTo } from "./base/defects.ts";
import { systemClock } from "./base/time.ts";
import { Scope } from "./base/scope.ts";
import { MetricsRegistry } from "./base/metrics-registry.ts";
import { builtins } from "./builtins.ts";
import { runCli } from "./cli/main.ts";
import type { CliIo, Roots, RunOptions } from "./cli/roots.ts";
import { demoWelcome, listeningLine } from "./cli/welcome.ts";
import { type Config, defaultWorkers } from "./config/config.ts";
import type { Daemon } from "./daemon.ts";
import { DemoInstanceError, demoInstances, startDemoInstances } from "./demo-instances.ts";
import { endSignals } from "./end-signals.ts";
import { hostLimits } from "./host-limits.ts";
import { ListenError } from "./net/listener.ts";
import { type ConfigOrigin, overridden } from "./reload-linker.ts";
import { startDaemon } from "./start-daemon.ts";
import { inherit, keepDoor, type OpenDoor, settleIn, takeOver } from "./succession.ts";
import { systemParts, version } from "./system-parts.ts";
import { NobodyHome } from "./takeover/ask.ts";
import { lowerHelperThreads } from "./threads/helper-threads.ts";
import { surviveDefects } from "./threads/parent.ts";

const io: CliIo = {
  out: (line) => void process.stdout.write(line),
  err: (line) => void process.stderr.write(line),
  input: () => text(process.stdin),
  colour: process.stdout.isTTY && process.stderr.isTTY && !process.env["NO_COLOR"],
};

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    const heard = endSignals(systemClock, { gently: resolve, now: () => process.exit(1) });
    process.on("SIGTERM", heard);
    process.on("SIGINT", heard);
  });
}

async function runDaemon(asked: Config, _: CliIo, { demo, watch, mirrorsOnly }: RunOptions): Promise<number> {
  const path = asked.file === "-" ? undefined : resolve(asked.file);
  // Who tries the quick start reads sentences; of the log only what went wrong.
  const logLevel = demo ? "warn" : undefined;
  const origin: ConfigOrigin = {
    path,
    watches: watch,
    workers: defaultWorkers,
    logLevel,
    ...(mirrorsOnly === undefined ? {} : { mirrorsOnly }),
  };
  const config = overridden(asked, origin);
  lowerHelperThreads();
  const signalled = untilSignal();
  await using opened = new AsyncDisposableStack();
  try {
    if (demo) opened.use(await startDemoInstances());
    const { log } = systemParts(config).world;
    const inherited = inherit(config);
    let daemon: Daemon | undefined;
    // Until there is something to reload, the file is being read anyway; without this, the signal would end the process.
    process.on("SIGHUP", () => daemon?.reload());
    daemon = await startDaemon(config, undefined, undefined, inherited.inheritance, origin);
    surviveDefects(bugsTo(log));
    greet(daemon, config, demo);
    // Before the one that waits for this closes its own: the last to leave takes the folder of the doors with it.
    const door = demo ? undefined : await keepDoor(daemon, log);
    settleIn(inherited, log);
    const code = await untilEnd(daemon, door, signalled);
    await daemon.close();
    return code;
  } catch (error) {
    io.err(`${whyNotStarted(error, config)}\n`);
    return 1;
  }
}

/** Until it is told to end, or another process serves in its place: 0; or until it cannot listen any more: 1. */
async function untilEnd(daemon: Daemon, door: OpenDoor | undefined, signalled: Promise<void>): Promise<number> {
  const good: Promise<void>[] = [signalled, daemon.shutdownAsked];
  if (door !== undefined) good.push(door.succeeded.then(() => daemon.leaveAdmin()));
  const ends = good.map((end) => end.then(() => 0));
  if (daemon.portLost !== undefined) ends.push(daemon.portLost.then(() => 1));
  const code = await Promise.race(ends);
  await door?.[Symbol.asyncDispose]();
  return code;
}

/** For people; who reads the log finds the addresses there. */
function greet(daemon: Daemon, config: Config, demo: boolean): void {
  if (demo) {
    const instances = demoInstances.map(({ port, name }) => `127.0.0.1:${port} (${name})`);
    io.err(demoWelcome(daemon, instances, join(dirname(config.file), "disco", "users")));
  } else if (process.stderr.isTTY) io.err(listeningLine(daemon));
}

/** Rethrows what is neither the user's nor the machine's doing. */
function whyNotStarted(error: unknown, { file }: Config): string {
  if (error instanceof DemoInstanceError) return `linkspan: ${error.message}\nNext: end what listens there`;
  if (!(error instanceof ListenError)) throw error;
  const next = error.code === "listen.in_use" ? "end what listens there, or change the port" : "change address or port";
  return `linkspan: ${error.message} (${error.code})\nNext: ${next} in ${file}`;
}

/** What only some commands need is loaded by them: a daemon with workers would keep half a megabyte of code for nothing. */
const roots: Roots = {
  version,
  clock: systemClock,
  builtins,
  hostLimits,
  startDaemon: runDaemon,
  takeOver: async (config, started) => {
    try {
      return { pid: await takeOver({ config, started }) };
    } catch (error) {
      return { problem: (error as Error).message, isNobodyHome: error instanceof NobodyHome };
    }
  },
  openNaming: async (config) => {
    const scope = new Scope();
    // A command that asks one question prints its answer, not the log of the namers.
    const { world } = systemParts(config, () => undefined);
    const { openNaming } = await import("./naming-root.ts");
    const naming = await openNaming(config, { ...world, metrics: new MetricsRegistry() }, scope);
    return { interpreterFor: (router) => naming.interpreterFor(router), [Symbol.asyncDispose]: () => scope.close() };
  },
  openBridge: async (config, isDry) => {
    const { world } = systemParts(config, () => undefined);
    const { openBridge } = await import("./bridge-root.ts");
    return openBridge(config, isDry, { ...world, metrics: new MetricsRegistry() });
  },
  identify: async (config, router, request) => {
    const { world } = systemParts(config, () => undefined);
    const { identifyBy } = await import("./request-probe.ts");
    return identifyBy(config, router, { ...world, metrics: new MetricsRegistry() }, request);
  },
};

process.exit(await runCli(process.argv.slice(2), io, roots));
