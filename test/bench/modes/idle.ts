/** 10,000 connections on which nothing happens: what each costs a proxy in memory. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort } from "../../servers/free-port.ts";
import { cores, pinned, startPinned, stop, usageOf, waitForPort } from "../measure.ts";
import type { Peer, Task } from "../peers/peer.ts";
import type { Site } from "../site.ts";
import type { Table } from "../table.ts";

const CONNECTIONS = 10_000;
const OPEN_MS = 60_000;
const SETTLE_MS = 2_000;
const WATCH_MS = 3_000;
const script = join(import.meta.dirname, "../load/idle-main.ts");

interface Held {
  readonly open: number;
  readonly failed: number;
}

/** Opens the connections, one request on each, and keeps them until its standard input ends. */
async function hold(port: number): Promise<{ held: Held; release: () => Promise<void> }> {
  const [program, args] = pinned(cores.load, [process.execPath, script, String(port), String(CONNECTIONS)]);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], timeout: OPEN_MS + 30_000 });
  const gone = once(child, "exit");
  const first = await Promise.race([
    once(child.stdout, "data"),
    gone.then(() => [`{"open":0,"failed":${CONNECTIONS}}`]),
  ]);
  const release = async (): Promise<void> => {
    child.stdin.end();
    await gone;
  };
  return { held: JSON.parse(String(first[0])) as Held, release };
}

async function row(peer: Peer, task: Task, site: Site): Promise<readonly string[]> {
  const port = await freePort();
  const folder = site.folderOf(`${peer.name}-idle`);
  const child = startPinned(cores.proxy, peer.command({ ...task, port, folder }), join(folder, "complaints"));
  const pid = child.pid ?? 0;
  const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  try {
    await waitForPort(port, 15_000, child);
    await pass(SETTLE_MS / 2);
    const before = usageOf(pid);
    const { held, release } = await hold(port);
    await pass(SETTLE_MS);
    const settled = usageOf(pid);
    await pass(WATCH_MS);
    const after = usageOf(pid);
    await release();
    const kbEach = ((settled.rssMb - before.rssMb) * 1024) / Math.max(1, held.open);
    const busy = ((after.cpuSeconds - settled.cpuSeconds) / (WATCH_MS / 1_000)) * 100;
    const numbers = [before.rssMb.toFixed(0), settled.rssMb.toFixed(0), kbEach.toFixed(1), busy.toFixed(1)];
    return [peer.name, String(held.open), ...numbers, String(held.failed)];
  } finally {
    await stop(child);
  }
}

export const idle = {
  about: "10,000 HTTP/1 connections, each after one request: memory for each, and CPU while nothing happens",
  async run(peers: readonly Peer[], site: Site, tell: (line: string) => void): Promise<readonly Table[]> {
    const back = await site.startBackend("h1");
    const task: Task = { front: "h1", tls: undefined, back, tunnels: false };
    const rows: (readonly string[])[] = [];
    for (const peer of peers) {
      if (peer.missing !== undefined || !peer.can(task)) continue;
      const found = await row(peer, task, site);
      tell(found.join(" "));
      rows.push(found);
    }
    const heads = ["proxy", "open", "RSS MB before", "RSS MB with them", "KB each", "CPU % idle", "failed"];
    return [{ title: "10,000 idle connections", heads, rows }];
  },
};
