/** `npm run bench`: CPU time per request and memory of linkspan and its peers, in one run on one core. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Sample, measure, startPinned, stop, waitForPort } from "./measure.ts";
import { type Peer, backendCommand, backendPort, peers } from "./peers.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    only: { type: "string", default: "" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log("npm run bench -- [--rounds 5] [--seconds 4] [--only linkspan,haproxy]");
  process.exit(0);
}

interface Row {
  readonly name: string;
  readonly cpuMicros: number;
  readonly cpuSpread: readonly [number, number];
  readonly timesHaproxy: number | undefined;
  readonly rssMb: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly notOk: number;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function summarize(name: string, samples: readonly Sample[], haproxy: number | undefined): Row {
  const of = (field: keyof Sample): number[] => samples.map((sample) => sample[field]);
  const cpu = of("cpuMicros");
  return {
    name,
    cpuMicros: median(cpu),
    cpuSpread: [Math.min(...cpu), Math.max(...cpu)],
    timesHaproxy: haproxy === undefined ? undefined : median(cpu) / haproxy,
    rssMb: Math.max(...of("rssMb")),
    perSecond: median(of("perSecond")),
    p50Ms: median(of("p50Ms")),
    p99Ms: median(of("p99Ms")),
    notOk: of("notOk").reduce((a, b) => a + b, 0),
  };
}

async function rounds(chosen: readonly Peer[]): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(chosen.map((peer) => [peer.name, []]));
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const peer of chosen) {
      const sample = await measure(peer.command, peer.port, Number(values.seconds));
      samples.get(peer.name)?.push(sample);
      console.error(`round ${round} ${peer.name}: ${sample.cpuMicros.toFixed(1)} us/request`);
    }
  }
  return samples;
}

function print(rows: readonly Row[]): void {
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(12) : cell.padStart(12))).join("");
  console.log(
    line(["HTTP/1", "us/request", "min-max", "x HAProxy", "RSS MB", "requests/s", "p50 ms", "p99 ms", "not 2xx"]),
  );
  for (const row of rows) {
    const spread = row.cpuSpread.map((each) => each.toFixed(1)).join("-");
    const times = row.timesHaproxy?.toFixed(2) ?? "";
    const rest = [
      row.rssMb.toFixed(0),
      row.perSecond.toFixed(0),
      row.p50Ms.toFixed(2),
      row.p99Ms.toFixed(2),
      String(row.notOk),
    ];
    console.log(line([row.name, row.cpuMicros.toFixed(1), spread, times, ...rest]));
  }
}

const folder = mkdtempSync(join(tmpdir(), "linkspan-bench-"));
const backend = startPinned(1, backendCommand(folder));
try {
  await waitForPort(backendPort, 5_000);
  const wanted = values.only === "" ? undefined : values.only.split(",");
  const known = peers(folder).filter((peer) => !wanted || wanted.includes(peer.name));
  for (const peer of known) if (peer.missing) console.error(`left out: ${peer.name} (${peer.missing})`);
  const samples = await rounds(known.filter((peer) => !peer.missing));
  const haproxy = samples.get("haproxy");
  const base = haproxy && haproxy.length > 0 ? median(haproxy.map((each) => each.cpuMicros)) : undefined;
  const rows = [...samples].map(([name, each]) => summarize(name, each, base));
  print(rows);
  const results = join(import.meta.dirname, "../../bench-results");
  mkdirSync(results, { recursive: true });
  const file = join(results, "h1.json");
  writeFileSync(
    file,
    `${JSON.stringify({ at: new Date().toISOString(), node: process.version, rows }, undefined, 2)}\n`,
  );
  console.error(`as data: ${file}`);
} finally {
  await stop(backend);
  rmSync(folder, { recursive: true, force: true });
}
