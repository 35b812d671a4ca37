/** The real command line in a process of its own, as a user starts it. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { waitUntil } from "../load/wait-until.ts";
import type { LogLine } from "./daemon.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A process that says on its standard output what it does. Dispose it to kill it. */
export class SpawnedProcess implements AsyncDisposable {
  out = "";
  err = "";
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly #isDetached: boolean;

  /** It finds copies of `fds` at 3 and up. */
  constructor(command: string, args: readonly string[], options: SpawnOptions = {}, fds: readonly number[] = []) {
    this.#isDetached = options.detached === true;
    this.child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe", ...fds] });
    this.child.stdout?.on("data", (bytes: Buffer) => (this.out += bytes.toString()));
    this.child.stderr?.on("data", (bytes: Buffer) => (this.err += bytes.toString()));
    this.ended = once(this.child, "close").then(([code]) => ({
      code: code as number | null,
      out: this.out,
      err: this.err,
    }));
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The lines of the log with that event. */
  logged(event: string): readonly LogLine[] {
    const lines = this.out.split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"));
    return lines.map((line) => JSON.parse(line) as LogLine).filter((line) => line.event === event);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Resolves when it ended by itself; kills it and rejects when it did not in time. */
  async endWithin(ms: number): Promise<Ended> {
    try {
      await waitUntil(`the process ends; it said ${this.out}${this.err}`, ms, () => !this.isRunning);
    } catch (error) {
      this.signal("SIGKILL");
      throw error;
    }
    return this.ended;
  }

  /** Kills what it started too, if it was spawned with `detached`. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isRunning) {
      if (this.#isDetached && this.child.pid !== undefined) process.kill(-this.child.pid, "SIGKILL");
      else this.signal("SIGKILL");
    }
    await this.ended;
  }
}

export function spawnCli(args: readonly string[], options: SpawnOptions = {}): SpawnedProcess {
  return new SpawnedProcess(process.execPath, ["--conditions=source", main, ...args], options);
}

/** As systemd starts a service whose sockets it has opened. */
export function spawnActivated(args: readonly string[], fds: readonly number[], options: SpawnOptions): SpawnedProcess {
  const command = ["-c", 'LISTEN_PID=$$ exec "$@"', "sh", process.execPath, "--conditions=source", main, ...args];
  const env = { ...process.env, ...options.env, LISTEN_FDS: String(fds.length) };
  return new SpawnedProcess("sh", command, { ...options, env }, fds);
}

export function runCli(args: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  return spawnCli(args, options).endWithin(20_000);
}

export interface SpawnedDaemon extends AsyncDisposable {
  readonly process: SpawnedProcess;
  readonly port: number;
  readonly adminPort: number;
}

/** `linkspan run FILE`, ready to serve. */
export async function spawnDaemon(file: string, options: SpawnOptions = {}): Promise<SpawnedDaemon> {
  const daemon = spawnCli(["run", file], options);
  try {
    const isReady = (): boolean => daemon.logged("admin.listening").length > 0;
    await waitUntil("the daemon listens", 20_000, () => isReady() || !daemon.isRunning);
    if (!isReady()) throw new Error(`the daemon ended: ${daemon.err}`);
  } catch (error) {
    await daemon[Symbol.asyncDispose]();
    throw error;
  }
  return {
    process: daemon,
    port: Number(daemon.logged("server.listening")[0]?.["port"]),
    adminPort: Number(daemon.logged("admin.listening")[0]?.["port"]),
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}
