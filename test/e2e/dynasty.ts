/** A daemon and those that take over from it, each a process of its own, and none left behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "../load/wait-until.ts";
import { type Ended, runCli, type SpawnedDaemon, type SpawnedProcess, spawnDaemon } from "./cli.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

export const FILE = "linkspan.yaml";

/**
 * Ends every process with that runtime folder as soon as whoever holds its standard input is gone: successors are
 * nobody's children, and a test that is killed can end nothing.
 */
const reaper = `
cat >/dev/null
for environ in /proc/[0-9]*/environ; do
  if grep -qsa "XDG_RUNTIME_DIR=$1" "$environ"; then pid="\${environ#/proc/}"; kill -9 "\${pid%/environ}"; fi
done`;

export class Dynasty implements AsyncDisposable {
  readonly folder: TempFolder;
  readonly #first: SpawnedDaemon;
  readonly #reaper: ChildProcess;
  /** Of those that serve or served, the newest last. */
  readonly pids: number[];

  private constructor(folder: TempFolder, first: SpawnedDaemon, reaping: ChildProcess) {
    this.folder = folder;
    this.#first = first;
    this.#reaper = reaping;
    this.pids = [first.process.child.pid ?? 0];
  }

  /** The first daemon, in a folder with these files; `linkspan.yaml` is its configuration. */
  static async found(files: Readonly<Record<string, string>>): Promise<Dynasty> {
    const folder = tempFolder(files);
    const reaping = spawn("sh", ["-c", reaper, "sh", folder.path], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    try {
      const first = await spawnDaemon(FILE, { cwd: folder.path, env: environmentOf(folder) });
      return new Dynasty(folder, first, reaping);
    } catch (error) {
      await reap(reaping);
      folder[Symbol.dispose]();
      throw error;
    }
  }

  /** Its standard output has the logs of all. */
  get log(): SpawnedProcess {
    return this.#first.process;
  }

  /** By the number of the server in the file. */
  port(server: number): number {
    return Number(this.log.logged("server.listening")[server]?.["port"]);
  }

  /** `linkspan run --take-over`, however that ends. */
  ask(file = FILE): Promise<Ended> {
    const options = { cwd: this.folder.path, env: environmentOf(this.folder) };
    return runCli(["run", "--take-over", file, "--json"], options);
  }

  /** Has the next one take over; rejects if none does. */
  async handOver(): Promise<void> {
    const { code, out, err } = await this.ask();
    if (code !== 0) throw new Error(`nobody took over: ${code} ${err} ${this.log.out.slice(-2_000)}`);
    this.pids.push((JSON.parse(out) as { pid: number }).pid);
  }

  /** Those that run still. */
  get alive(): readonly number[] {
    return this.pids.filter((pid) => isAlive(pid));
  }

  async allGoneBut(count: number, withinMs: number): Promise<void> {
    await waitUntil(`all but ${count} are gone`, withinMs, () => this.alive.length <= count);
  }

  /** The one that serves ends as by SIGTERM, and then there is none. */
  async end(withinMs: number): Promise<void> {
    process.kill(this.pids.at(-1) ?? 0, "SIGTERM");
    await this.allGoneBut(0, withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await reap(this.#reaper);
    await this.#first[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

function environmentOf({ path }: TempFolder): NodeJS.ProcessEnv {
  return { ...process.env, XDG_RUNTIME_DIR: path };
}

async function reap(reaping: ChildProcess): Promise<void> {
  const ended = once(reaping, "close");
  reaping.stdin?.end();
  await ended;
}

/** What has ended and was not waited for is no process any more. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(join("/proc", String(pid), "stat"), "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}
