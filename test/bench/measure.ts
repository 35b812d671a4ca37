/** Processes pinned to a core, and what a tree of them has used: CPU time and memory. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readdirSync } from "node:fs";
import { connect } from "node:net";

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** Cores as taskset writes them. The proxy has one for itself; load and backend share the other. */
export const cores = { proxy: "0", load: "1", both: "0,1" } as const;

/** The command that runs `command` on these cores, with as many descriptors as the system allows. */
export function pinned(core: string, command: readonly string[]): readonly [string, readonly string[]] {
  return ["sh", ["-c", 'ulimit -n "$(ulimit -Hn)"; exec taskset -c "$0" "$@"', core, ...command]];
}

/** What still runs when the bench is broken off. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Ends with this process at the latest. What it complains of goes into the file, or to ours. */
export function startPinned(core: string, command: readonly string[], complaints?: string): ChildProcess {
  const [program, args] = pinned(core, command);
  const file = complaints === undefined ? "inherit" : openSync(complaints, "w");
  const child = spawn(program, args, { stdio: ["ignore", "ignore", file] });
  if (typeof file === "number") closeSync(file);
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Runs a command to its end and resolves with what it printed; rejects when it fails or takes longer. */
export function outputOf(core: string, command: readonly string[], withinMs: number): Promise<string> {
  const [program, args] = pinned(core, command);
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: withinMs,
    killSignal: "SIGKILL",
  });
  let out = "";
  child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString("latin1")));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command.slice(0, 3).join(" ")} ended with ${code ?? signal}`));
    });
  });
}

export async function waitForPort(port: number, withinMs: number, child?: ChildProcess): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await accepts(port))) {
    if (child && child.exitCode !== null) throw new Error(`what should listen on ${port} ended with ${child.exitCode}`);
    if (performance.now() > until) throw new Error(`nothing listens on ${port} after ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Ends a child and waits until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await gone;
  clearTimeout(patience);
}

export interface Usage {
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

/** Of a process and all that it started; a process's time is that of all its threads. */
export function usageOf(pid: number): Usage {
  let ticks = 0;
  let rssKb = 0;
  for (const each of treeOf(pid)) {
    ticks += ticksIn(`/proc/${each}/stat`);
    rssKb += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, "latin1"))?.[1] ?? 0);
  }
  return { cpuSeconds: ticks / ticksPerSecond, rssMb: rssKb / 1024 };
}

/** CPU seconds of each thread of a process, by its id. */
export function threadsOf(pid: number): ReadonlyMap<string, number> {
  const threads = readdirSync(`/proc/${pid}/task`);
  return new Map(threads.map((id) => [id, ticksIn(`/proc/${pid}/task/${id}/stat`) / ticksPerSecond]));
}

/** `utime` and `stime`: fields 14 and 15, of which the second may hold blanks. */
function ticksIn(file: string): number {
  const stat = readFileSync(file, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function treeOf(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "latin1").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(treeOf)];
}
