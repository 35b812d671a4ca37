/** CPU time per request of a process tree under load, with the proxy on one core and all else on the other. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { connect } from "node:net";

export interface Sample {
  readonly cpuMicros: number;
  readonly rssMb: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly notOk: number;
}

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

export function startPinned(core: number, command: readonly string[]): ChildProcess {
  return spawn("taskset", ["-c", String(core), ...command], { stdio: ["ignore", "ignore", "inherit"] });
}

export async function waitForPort(port: number, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await accepts(port))) {
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

/** The process and its children: (`utime` + `stime` in ticks, resident KiB). */
function usage(pid: number): { ticks: number; rssKb: number } {
  const pids = [pid, ...childrenOf(pid)];
  let ticks = 0;
  let rssKb = 0;
  for (const each of pids) {
    const stat = readFileSync(`/proc/${each}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
    const status = readFileSync(`/proc/${each}/status`, "latin1");
    rssKb += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  }
  return { ticks, rssKb };
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "latin1").split(" ").filter(Boolean).map(Number),
  );
}

interface Load {
  readonly requests: number;
  readonly notOk: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

function milliseconds(text: string | undefined): number {
  const parts = /^([\d.]+)(us|ms|s)$/.exec(text ?? "");
  const scale = { us: 0.001, ms: 1, s: 1_000 } as const;
  return parts ? Number(parts[1]) * scale[parts[2] as keyof typeof scale] : Number.NaN;
}

function wrk(port: number, seconds: number, connections: number): Promise<Load> {
  const args = ["-c", "1", "wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency", `http://127.0.0.1:${port}/`];
  const child = spawn("taskset", args, { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString("latin1")));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      const requests = Number(/(\d+) requests in/.exec(out)?.[1] ?? 0);
      const notOk = Number(/Non-2xx or 3xx responses: (\d+)/.exec(out)?.[1] ?? 0);
      const p50Ms = milliseconds(/50%\s+(\S+)/.exec(out)?.[1]);
      resolve({ requests, notOk, p50Ms, p99Ms: milliseconds(/99%\s+(\S+)/.exec(out)?.[1]) });
    });
  });
}

/** One round: starts the proxy, warms it, measures, ends it. */
export async function measure(command: readonly string[], port: number, seconds: number): Promise<Sample> {
  const proxy = startPinned(0, command);
  try {
    await waitForPort(port, 15_000);
    await wrk(port, 2, 32);
    const pid = proxy.pid as number;
    const before = usage(pid);
    const load = await wrk(port, seconds, 32);
    const after = usage(pid);
    return {
      cpuMicros: ((after.ticks - before.ticks) / ticksPerSecond / load.requests) * 1e6,
      rssMb: after.rssKb / 1024,
      perSecond: load.requests / seconds,
      p50Ms: load.p50Ms,
      p99Ms: load.p99Ms,
      notOk: load.notOk,
    };
  } finally {
    await stop(proxy);
  }
}
