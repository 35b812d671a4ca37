/** Two workers against one and none, at equal load on both cores: CPU per request, and each thread's part of it. */
import { freePort } from "../../servers/free-port.ts";
import { median, paced, warmupOf } from "../load/paced.ts";
import { wrk } from "../load/wrk.ts";
import { cores, startPinned, stop, threadsOf, usageOf, waitForPort } from "../measure.ts";
import { linkspan } from "../peers/linkspan.ts";
import type { Peer, Task } from "../peers/peer.ts";
import type { Site } from "../site.ts";
import type { Table } from "../table.ts";

/** Twice as many are more than two cores do with the load and the backend on them too: what waits is done in one go. */
const PER_SECOND = 4_000;
const SECONDS = 3;
const ROUNDS = 5;
const CONNECTIONS = 64;
const COUNTS = [0, 1, 2];

interface Contender {
  readonly workers: number;
  readonly port: number;
  readonly pid: number;
  readonly cpu: number[];
  readonly p99: number[];
  /** The shares of CPU time of the two busiest threads. */
  readonly shares: (readonly [number, number])[];
  failed: number;
}

async function measure(contender: Contender): Promise<void> {
  const { pid, port } = contender;
  const threadsBefore = threadsOf(pid);
  const before = usageOf(pid).cpuSeconds;
  const found = await paced({
    kind: "h1",
    port,
    isTls: false,
    perSecond: PER_SECOND,
    seconds: SECONDS,
    connections: CONNECTIONS,
  });
  const used = usageOf(pid).cpuSeconds - before;
  const each = [...threadsOf(pid)].map(([id, seconds]) => seconds - (threadsBefore.get(id) ?? 0)).sort((a, b) => b - a);
  const warmup = warmupOf(PER_SECOND);
  const requests = PER_SECOND * SECONDS + (warmup.perSecond * warmup.ms) / 1_000;
  contender.cpu.push((used / requests) * 1e6);
  contender.p99.push(found.p99Ms);
  contender.failed += found.failed;
  contender.shares.push([(each[0] ?? 0) / used, (each[1] ?? 0) / used]);
}

function row({ workers, cpu, p99, shares, failed }: Contender, one: number): readonly string[] {
  const percent = (at: 0 | 1): string => `${(median(shares.map((share) => share[at])) * 100).toFixed(0)} %`;
  const spread = `${Math.min(...cpu).toFixed(1)}-${Math.max(...cpu).toFixed(1)}`;
  const times = (median(cpu) / one).toFixed(2);
  const rest = [median(p99).toFixed(2), percent(0), percent(1), String(failed)];
  return [`linkspan w${workers}`, median(cpu).toFixed(1), spread, times, ...rest];
}

export const workers = {
  about: `linkspan with 0, 1 and 2 workers at ${PER_SECOND} HTTP/1 requests a second over 64 connections, on both cores`,
  async run(_peers: readonly Peer[], site: Site, tell: (line: string) => void): Promise<readonly Table[]> {
    const back = await site.startBackend("h1");
    const task: Task = { front: "h1", tls: undefined, back, tunnels: false };
    await using stack = new AsyncDisposableStack();
    const contenders: Contender[] = [];
    for (const count of COUNTS) {
      const port = await freePort();
      const peer = linkspan(count, `linkspan w${count}`);
      if (peer.missing !== undefined) throw new Error(peer.missing);
      const child = startPinned(cores.both, peer.command({ ...task, port, folder: site.folderOf(peer.name) }));
      stack.defer(() => stop(child));
      await waitForPort(port, 15_000, child);
      await wrk({ url: `http://127.0.0.1:${port}/`, seconds: 2, connections: 64 });
      contenders.push({ workers: count, port, pid: child.pid ?? 0, cpu: [], p99: [], shares: [], failed: 0 });
    }
    for (let round = 1; round <= ROUNDS; round++) {
      for (const contender of contenders) {
        await measure(contender);
        tell(`round ${round}, ${contender.workers} workers: ${contender.cpu.at(-1)?.toFixed(1)} us/request`);
      }
    }
    const one = median(contenders[1]?.cpu ?? []);
    const heads = ["", "us/request", "min-max", "x one worker", "p99 ms", "busiest thread", "second", "failed"];
    return [{ title: "Workers at equal load", heads, rows: contenders.map((each) => row(each, one)) }];
  },
};
