/** Starts the process that takes over, with the listening sockets of this one, and waits until it serves. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Clock } from "../base/time.ts";
import { ESTATE_VARIABLE, type Estate } from "./inheritance.ts";
import type { SuccessionRequest } from "./messages.ts";

/** What the next process is given, by this one's descriptors. */
export type Sockets = Estate;

export interface SuccessorOptions {
  readonly request: SuccessionRequest;
  readonly sockets: Sockets;
  readonly clock: Clock;
  /** How long it may take until it serves. */
  readonly withinMs: number;
  readonly started: (pid: number) => void;
}

/** What a successor says by its channel when every server listens. */
export const READY = "linkspan.ready";

const FIRST_FD = 3;

/** Resolves with its process number; rejects with why it does not serve, and then it is ended. */
export async function startSuccessor(options: SuccessorOptions): Promise<number> {
  const { request, sockets, clock, withinMs, started } = options;
  const { estate, fds } = renumber(sockets);
  const [node = process.execPath, ...before] = request.command;
  const child = spawn(node, [...before, ...request.args], {
    cwd: request.cwd,
    env: { ...request.env, [ESTATE_VARIABLE]: JSON.stringify(estate) },
    // A descriptor in this list is duplicated: each side closes its own, and the kernel's queue stays.
    stdio: ["ignore", "inherit", "inherit", ...fds, "ipc"],
    detached: true,
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = clock.timer(withinMs, () => reject(new Error(`the new process does not serve after ${withinMs} ms`)));
  child.once("error", reject);
  child.once("exit", (code, signal) => reject(new Error(`the new process ended with ${signal ?? code}`)));
  child.on("message", (message) => {
    if (message === READY) resolve(child.pid ?? 0);
  });
  try {
    if (child.pid !== undefined) started(child.pid);
    const pid = await promise;
    release(child);
    return pid;
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    timer[Symbol.dispose]();
  }
}

/** From here on it is nobody's child. */
function release(child: ChildProcess): void {
  child.removeAllListeners();
  if (child.connected) child.disconnect();
  child.unref();
}

/** Descriptors in the order in which they are passed, and the estate by the numbers that they get there. */
function renumber({ servers, admin }: Sockets): { readonly estate: Estate; readonly fds: readonly number[] } {
  const fds: number[] = [];
  const pass = (fd: number): number => FIRST_FD + fds.push(fd) - 1;
  const passed = servers.map(([place, own]) => [place, own.map(pass)] as const);
  return { estate: { servers: passed, ...(admin === undefined ? {} : { admin: pass(admin) }) }, fds };
}
