/** A daemon in a child process, and everything that can be counted of it from outside. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import type { LogLine } from "../e2e/daemon.ts";
import type { ReloadReport } from "../../src/reload/report.ts";
import { slowness } from "../load/wait-until.ts";
import type { Question, Resources, Started } from "./soak-child.ts";

const START_MS = 30_000;

/** What is open. */
export interface Inventory {
  readonly descriptors: number;
  readonly sockets: number;
  /** What the descriptors lead to, by kind, and how many of each. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Lines of `/metrics` without their values. */
  readonly series: readonly string[];
}

export class SoakedDaemon implements AsyncDisposable {
  readonly ports: readonly number[];
  readonly #adminPort: number;
  readonly #child: ChildProcess;
  readonly #log: () => string;

  private constructor(child: ChildProcess, { ports, adminPort }: Started, log: () => string) {
    this.ports = ports;
    this.#adminPort = adminPort;
    this.#child = child;
    this.#log = log;
  }

  static async start(file: string, workers: number): Promise<SoakedDaemon> {
    const script = join(import.meta.dirname, "soak-child.ts");
    const child = fork(script, [file, String(workers)], {
      execArgv: ["--conditions=source"],
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    let log = "";
    child.stderr?.on("data", (bytes: Buffer) => (log = (log + bytes.toString()).slice(-1_000_000)));
    const ended = once(child, "exit").then(() => Promise.reject(new Error("the daemon ended")));
    const said = once(child, "message", { signal: AbortSignal.timeout(START_MS * slowness) });
    try {
      const [started] = (await Promise.race([said, ended])) as [Started];
      ended.catch(() => undefined);
      return new SoakedDaemon(child, started, () => log);
    } catch (error) {
      child.kill("SIGKILL");
      throw new Error(`the daemon does not serve: ${log.slice(-2_000)}`, { cause: error });
    }
  }

  /** Lines of its log with that event; of the last megabyte. */
  logged(event: string): readonly LogLine[] {
    const lines = this.#log().split("\n").slice(1, -1);
    return lines.map((line) => JSON.parse(line) as LogLine).filter((line) => line.event === event);
  }

  /** Has it read its file again. */
  async reload(): Promise<ReloadReport> {
    const url = `http://127.0.0.1:${this.#adminPort}/admin/reload`;
    const response = await fetch(url, { method: "POST", headers: { connection: "close" } }).catch((cause: unknown) => {
      const { exitCode, signalCode } = this.#child;
      const log = this.#log().slice(-2_000);
      throw new Error(`no answer; the daemon has ended with ${exitCode ?? signalCode ?? "nothing"}: ${log}`, { cause });
    });
    return (await response.json()) as ReloadReport;
  }

  async resources(): Promise<Resources> {
    const answer = once(this.#child, "message");
    this.#child.send("resources" satisfies Question);
    return ((await answer) as [Resources])[0];
  }

  /** Of all its threads. */
  async inventory(): Promise<Inventory> {
    const folder = `/proc/${this.#child.pid}/fd`;
    // First, for the connection that asks for the metrics is one too.
    const targets = readdirSync(folder).flatMap((each) => linkOf(join(folder, each)));
    const text = await this.metrics();
    const series = text.split("\n").filter((line) => line.startsWith("linkspan_"));
    return {
      descriptors: targets.length,
      kinds: countsOf(targets.map((target) => target.replace(/\[?\d+\]?$/, ""))),
      sockets: targets.filter((target) => target.startsWith("socket:")).length,
      series: series.map((line) => line.slice(0, line.lastIndexOf(" "))).sort(),
    };
  }

  /** Over a connection of its own, which is gone when the answer is there. */
  metrics(): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = get({ port: this.#adminPort, host: "127.0.0.1", path: "/metrics", agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () => resolve(text)).on("error", reject);
      });
      call.on("error", reject);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    const patience = setTimeout(() => this.#child.kill("SIGKILL"), 20_000);
    this.#child.send("close" satisfies Question);
    await gone;
    clearTimeout(patience);
  }
}

function countsOf(kinds: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of kinds.toSorted()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Empty for a descriptor that is gone already, such as the one that reads the folder. */
function linkOf(path: string): readonly string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}

const MIB = 2 ** 20;

export const grownMib = (from: number, to: number): number => Number(((to - from) / MIB).toFixed(2));

/** By how much the heap of each thread has grown, MiB; whoever ended and was started anew is judged by its place. */
export function grownHeaps(before: Resources, after: Resources): readonly number[] {
  return after.heaps.map((heap, at) => grownMib(before.heaps[at] ?? 0, heap));
}
