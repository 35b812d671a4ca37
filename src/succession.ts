/** How a daemon comes after another, and lets another come after it, without a connection that is refused. */
import { closeSync } from "node:fs";
import { resolve } from "node:path";
import type { Log } from "./base/log.ts";
import { systemClock } from "./base/time.ts";
import type { Config } from "./config/config.ts";
import type { Daemon } from "./daemon.ts";
import { wantedPlaces } from "./listen-plan.ts";
import { askToHandOver } from "./takeover/ask.ts";
import { doorFolder, doorPath, doorsOf, openFolder, removeIfEmpty } from "./takeover/door-place.ts";
import { Door } from "./takeover/door.ts";
import { ESTATE_VARIABLE, type Estate, Inheritance, readEstate } from "./takeover/inheritance.ts";
import { removeAbandoned } from "./takeover/knock.ts";
import { READY } from "./takeover/successor.ts";
import { activation } from "./takeover/systemd-sockets.ts";

const uid = process.getuid?.() ?? 0;

export interface Inherited {
  readonly inheritance: Inheritance;
  /** Whether a daemon waits for this one to serve. */
  readonly isAwaited: boolean;
}

/** What the process before this one, or systemd, left to it. Nothing of it is left in the environment. */
export function inherit(config: Config): Inherited {
  const estates: Estate[] = [];
  const text = process.env[ESTATE_VARIABLE];
  if (text !== undefined) estates.push(readEstate(text));
  estates.push(activation(process.env, process.pid, wantedPlaces(config)));
  for (const name of [ESTATE_VARIABLE, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]) delete process.env[name];
  const admin = estates.find((each) => each.admin !== undefined)?.admin;
  const servers = estates.flatMap((each) => each.servers);
  const inheritance = new Inheritance({ servers, ...(admin === undefined ? {} : { admin }) });
  return { inheritance, isAwaited: text !== undefined };
}

/** Everything listens: sockets that the configuration has no server for are closed, and who waits for this is told. */
export function settleIn({ inheritance, isAwaited }: Inherited, log: Log): void {
  for (const [place, fds] of inheritance.leftOver()) {
    log.warn("takeover.unwanted", { socket: place });
    for (const fd of fds) closeSync(fd);
  }
  if (isAwaited) process.send?.(READY, undefined, undefined, () => process.disconnect?.());
}

export interface OpenDoor extends AsyncDisposable {
  /** Resolves when a successor serves. */
  readonly succeeded: Promise<void>;
}

/** A door where the first server is, also when a reload has put that elsewhere. */
export async function keepDoor(daemon: Daemon, log: Log): Promise<OpenDoor> {
  const succeeded = Promise.withResolvers<void>();
  let isOver = false;
  let at: string | undefined;
  let door: Promise<OpenDoor | undefined> = Promise.resolve(undefined);
  const open = async (before: OpenDoor | undefined): Promise<OpenDoor | undefined> => {
    const name = daemon.places()[0]?.name;
    if (isOver || name === at) return before;
    at = name;
    await before?.[Symbol.asyncDispose]();
    const opened = await openDoor(daemon, log);
    void opened?.succeeded.then(succeeded.resolve);
    return opened;
  };
  const move = (): void => void (door = door.then(open));
  move();
  daemon.whenMoved(move);
  await door;
  const close = async (): Promise<void> => {
    isOver = true;
    await (await door)?.[Symbol.asyncDispose]();
  };
  return { succeeded: succeeded.promise, [Symbol.asyncDispose]: close };
}

/** Lets others take over from now on; `undefined`, and a line in the log, where that cannot be. */
async function openDoor(daemon: Daemon, log: Log): Promise<OpenDoor | undefined> {
  const [first] = daemon.places();
  const folder = doorFolder(process.env, uid);
  if (first === undefined) return undefined;
  try {
    openFolder(folder, uid);
    await removeAbandoned(folder);
    const path = doorPath(folder, first, process.pid);
    const door = await Door.open({ path, sockets: () => daemon.estate(), clock: systemClock, log });
    const close = async (): Promise<void> => {
      await door[Symbol.asyncDispose]();
      removeIfEmpty(folder);
    };
    return { succeeded: door.succeeded, [Symbol.asyncDispose]: close };
  } catch (error) {
    log.warn("takeover.unavailable", { cause: (error as Error).message });
    return undefined;
  }
}

export interface Succession {
  readonly config: Config;
  readonly started: (pid: number) => void;
}

/** Has this very installation take over from the daemon that runs. Rejects with NobodyHome, or with why it does not. */
export function takeOver({ config, started }: Succession): Promise<number> {
  const [first] = wantedPlaces(config);
  const doors = first === undefined ? [] : doorsOf(doorFolder(process.env, uid), first);
  const env = Object.fromEntries(Object.entries(process.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));
  const command = [process.execPath, ...process.execArgv, process.argv[1] ?? ""];
  const request = { command, args: ["run", resolve(config.file)], cwd: process.cwd(), env };
  return askToHandOver({ doors, request, started });
}
