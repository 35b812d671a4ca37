/** A file of 2,000 dentries that changes each second under load: how long it takes, and what requests in flight notice. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ReloadReport } from "../../../src/reload/report.ts";
import { freePort } from "../../servers/free-port.ts";
import { median, merged, paced } from "../load/paced.ts";
import type { Latencies } from "../load/outcome.ts";
import { cores, startPinned, stop, waitForPort } from "../measure.ts";
import { linkspan } from "../peers/linkspan.ts";
import type { Peer } from "../peers/peer.ts";
import type { Site } from "../site.ts";
import type { Table } from "../table.ts";

const LINES = 2_000;
const PER_SECOND = 1_000;
const SECONDS = 5;
const ROUNDS = 5;
const EVERY_MS = 1_000;
const COUNTS = [1, 2, 0];

interface Contender {
  readonly workers: number;
  readonly file: string;
  readonly port: number;
  readonly adminPort: number;
  readonly backPort: number;
  readonly took: number[];
  readonly quiet: Latencies[];
  readonly changing: Latencies[];
}

/** Requests go by the first dentry, which is asked last; all others change with each turn. */
function fileOf({ workers, port, adminPort, backPort }: Omit<Contender, "file">, turn: number): string {
  const lines = Array.from({ length: LINES - 1 }, (_, at) => {
    // Not only names move on: what moves on by as much as they do would be the same lines again.
    const weight = 1 + ((at + 5 * turn) % 9);
    return `/svc/name-${at + (turn % 7)} => ${weight} * /$/inet/127.0.0.1/1 & /$/inet/127.0.0.1/2 ;`;
  });
  return `workers: ${workers}
admin: {port: ${adminPort}}
routers:
- protocol: http
  identifier: {kind: io.l5d.header.token}
  dtab: |
    ${[`/svc => /$/inet/127.0.0.1/${backPort} ;`, ...lines].join("\n    ")}
  servers: [{port: ${port}}]
`;
}

/** Resolves with how long it took. */
async function reload(contender: Contender, turn: number): Promise<number> {
  writeFileSync(contender.file, fileOf(contender, turn));
  const startedAt = performance.now();
  const response = await fetch(`http://127.0.0.1:${contender.adminPort}/admin/reload`, { method: "POST" });
  const { result, cause } = (await response.json()) as ReloadReport;
  if (result !== "applied") throw new Error(`${result}: ${cause}`);
  return performance.now() - startedAt;
}

async function measure(contender: Contender, round: number): Promise<void> {
  const load = { kind: "h1", port: contender.port, isTls: false, perSecond: PER_SECOND, seconds: SECONDS } as const;
  contender.quiet.push(await paced(load));
  const changing = paced(load);
  // The generator warms up first.
  for (let turn = 1; turn <= SECONDS; turn++) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    contender.took.push(await reload(contender, round * 100 + turn));
  }
  contender.changing.push(await changing);
}

function row({ workers, took, quiet, changing }: Contender): readonly string[] {
  const [before, during] = [merged(quiet), merged(changing)];
  const ms = (value: number): string => value.toFixed(2);
  const failed = String(before.failed + during.failed);
  const times = [median(took).toFixed(0), Math.max(...took).toFixed(0), String(took.length)];
  return [
    `linkspan w${workers}`,
    ...times,
    ...[before.p50Ms, during.p50Ms, before.p99Ms, during.p99Ms, during.p99Ms - before.p99Ms].map(ms),
    failed,
  ];
}

export const reloads = {
  about: `A file with ${LINES} dentries that changes each second, at ${PER_SECOND} HTTP/1 requests a second; both cores`,
  async run(_peers: readonly Peer[], site: Site, tell: (line: string) => void): Promise<readonly Table[]> {
    const back = await site.startBackend("h1");
    await using stack = new AsyncDisposableStack();
    const contenders: Contender[] = [];
    for (const workers of COUNTS) {
      const peer = linkspan(workers, `linkspan w${workers}`);
      if (peer.missing !== undefined) throw new Error(peer.missing);
      const [port, adminPort] = [await freePort(), await freePort()];
      const folder = site.folderOf(`reload-w${workers}`);
      const task = { front: "h1", tls: undefined, back, tunnels: false, port, folder } as const;
      const [command = "", run = ""] = peer.command(task);
      const file = join(folder, "linkspan.yaml");
      const parts = { workers, port, adminPort, backPort: back.port, took: [], quiet: [], changing: [] };
      writeFileSync(file, fileOf(parts, 0));
      const child = startPinned(cores.both, [command, run, "--no-watch", file]);
      stack.defer(() => stop(child));
      await waitForPort(port, 15_000, child);
      contenders.push({ ...parts, file });
    }
    for (let round = 1; round <= ROUNDS; round++) {
      for (const contender of contenders) {
        await measure(contender, round);
        tell(`round ${round}, ${contender.workers} workers: ${contender.took.at(-1)?.toFixed(0)} ms a reload`);
      }
    }
    const heads = [
      "",
      "reload ms",
      "max",
      "reloads",
      "p50 without",
      "p50 with",
      "p99 without",
      "p99 with",
      "+p99 ms",
      "failed",
    ];
    return [{ title: "Reloads under load", heads, rows: contenders.map(row) }];
  },
};
