/** 20,000 names and 200,000 endpoints watched: memory, rest, and how soon and how cheaply a change is routed. */
import { usageOf } from "../measure.ts";
import type { Peer } from "../peers/peer.ts";
import { EACH, Field, pass, probeOf, serviceOf } from "../scale/field.ts";
import type { Site } from "../site.ts";
import type { Table } from "../table.ts";

const NAMES = Number(process.env["SCALE_NAMES"] ?? 20_000);
const BIG = Number(process.env["SCALE_BIG"] ?? 50_000);
const FLOOD_PER_SECOND = 1_000;
const FLOOD_SECONDS = Number(process.env["SCALE_SECONDS"] ?? 60);
const PROBES = 200;
/** Until what came before is over: endpoints that nobody calls rest after ten seconds, and garbage is collected then. */
const SETTLE_MS = 30_000;
/** Holds three of the jobs of every half minute, and all that come oftener. */
const REST_SECONDS = Number(process.env["SCALE_REST_SECONDS"] ?? 90);
const STEP_SECONDS = 10;
const BUSY_MS = 10_000;

interface Kind {
  readonly name: string;
  readonly names: number;
  /** Whether there is a limit for it beside the number of its names. */
  readonly isJudged: boolean;
}

const kinds: readonly Kind[] = [
  { name: "ZooKeeper", names: NAMES, isJudged: true },
  { name: "Kubernetes", names: NAMES, isJudged: true },
  // Of so many names an agent lets only some be watched; the others are asked about in turn.
  { name: "Consul", names: Math.min(NAMES, 2_000), isJudged: false },
];
const chosen = process.env["SCALE_OF"]?.split(",") ?? kinds.map(({ name }) => name);

type Row = readonly [string, string, string];

async function cpuPercent(pid: number, ms: number): Promise<number> {
  const before = usageOf(pid).cpuSeconds;
  await pass(ms);
  return ((usageOf(pid).cpuSeconds - before) / (ms / 1_000)) * 100;
}

/** Of the whole window, and of its busiest part. */
async function cpuAtRest(pid: number): Promise<string> {
  const steps: number[] = [];
  for (let at = 0; at < REST_SECONDS; at += STEP_SECONDS) steps.push(await cpuPercent(pid, STEP_SECONDS * 1_000));
  const mean = steps.reduce((sum, each) => sum + each, 0) / steps.length;
  return `${mean.toFixed(2)} %, ${Math.max(...steps).toFixed(2)} %`;
}

const share = (sorted: readonly number[], part: number): string =>
  `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN).toFixed(0)} ms`;

async function moves(field: Field, count: number, everyMs: number): Promise<readonly number[]> {
  const took: number[] = [];
  for (let n = 0; n < count; n++) {
    took.push(await field.move(probeOf(n)));
    await pass(everyMs);
  }
  return took.sort((a, b) => a - b);
}

/** Changes of names at random, so many a second, while others are moved and called. */
async function flood(field: Field): Promise<Row[]> {
  let done = 0;
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(FLOOD_SECONDS, (performance.now() - startedAt) / 1_000) * FLOOD_PER_SECOND;
    for (; done < due; done++) field.touch(serviceOf(Math.floor(Math.random() * NAMES)), 0);
  }, 5);
  const before = usageOf(field.pid).cpuSeconds;
  const took: number[] = [];
  for (let n = 0; performance.now() - startedAt < FLOOD_SECONDS * 1_000; n++) {
    took.push(await field.move(probeOf(n)));
    await pass(200);
  }
  clearInterval(timer);
  await field.registry.settled();
  const seconds = (performance.now() - startedAt) / 1_000;
  const busy = ((usageOf(field.pid).cpuSeconds - before) / seconds) * 100;
  took.sort((a, b) => a - b);
  return [
    ["changes a second", (done / seconds).toFixed(0), `${FLOOD_PER_SECOND} for ${FLOOD_SECONDS} s`],
    ["CPU meanwhile", `${busy.toFixed(0)} %`, ""],
    ["a change routed meanwhile, p50 / p99", `${share(took, 0.5)} / ${share(took, 0.99)}`, ""],
  ];
}

async function big(field: Field): Promise<Row[]> {
  await field.putBig("big");
  const startedAt = performance.now();
  const rss = usageOf(field.pid).rssMb;
  await field.ask("big");
  const known = performance.now() - startedAt;
  await pass(2_000);
  const more = usageOf(field.pid).rssMb - rss;
  let changed = 0;
  const timer = setInterval(() => field.touch("big", changed++), 100);
  const busy = await cpuPercent(field.pid, BUSY_MS);
  clearInterval(timer);
  return [
    [`one name of ${BIG} endpoints, known after`, `${known.toFixed(0)} ms`, ""],
    ["memory for it", `${more.toFixed(0)} MB`, ""],
    ["CPU at ten changes a second of it", `${busy.toFixed(0)} %`, ""],
  ];
}

async function measure({ name, names, isJudged }: Kind, site: Site, tell: (line: string) => void): Promise<Table> {
  await using field = await Field.open(name, { names, big: isJudged ? BIG : 0 }, site);
  const rows: Row[] = [];
  const wanted = (limit: string): string => (isJudged ? limit : "");
  const add = (...more: readonly Row[]): void => {
    for (const row of more) tell(`${name}: ${row.join("  ")}`);
    rows.push(...more);
  };
  await field.ask(probeOf(0));
  await pass(3_000);
  const memory = [usageOf(field.pid).rssMb];
  await field.warmUp();
  await pass(SETTLE_MS);
  memory.push(usageOf(field.pid).rssMb);
  add([`CPU at rest with 50 names, and in the busiest ${STEP_SECONDS} s of it`, await cpuAtRest(field.pid), ""]);
  await field.fill();
  await pass(SETTLE_MS);
  memory.push(usageOf(field.pid).rssMb);
  const startedAt = performance.now();
  const failed = await field.callAll();
  add(["every name called once within", `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`, ""]);
  add(["of them not answered", `${failed}`, "0"]);
  await pass(SETTLE_MS);
  memory.push(usageOf(field.pid).rssMb);
  const shown = memory.map((mb) => `${mb.toFixed(0)} MB`).join(", ");
  add([
    "RSS at first, after as many calls of 50 names, with all registered, with all called",
    shown,
    wanted("300 MB more"),
  ]);
  add([
    `CPU at rest for ${REST_SECONDS} s, from ${SETTLE_MS / 1_000} s after the last call on; in the busiest ${STEP_SECONDS} s`,
    await cpuAtRest(field.pid),
    wanted("1 %"),
  ]);
  add(["RSS after that", `${usageOf(field.pid).rssMb.toFixed(0)} MB`, ""]);
  const took = await moves(field, isJudged ? PROBES : PROBES / 4, 20);
  add(["a change routed, p50 / p99", `${share(took, 0.5)} / ${share(took, 0.99)}`, wanted("p99 100 ms")]);
  if (isJudged) add(...(await flood(field)), ...(await big(field)));
  add(["RSS at the end", `${usageOf(field.pid).rssMb.toFixed(0)} MB`, ""]);
  return { title: `${name}: ${names} names, ${names * EACH} endpoints`, heads: ["", "found", "wanted"], rows };
}

export const scale = {
  about: `${NAMES} names and ${NAMES * EACH} endpoints of a registry watched by one worker: memory, rest, and changes`,
  async run(_peers: readonly Peer[], site: Site, tell: (line: string) => void): Promise<readonly Table[]> {
    const tables: Table[] = [];
    for (const kind of kinds) if (chosen.includes(kind.name)) tables.push(await measure(kind, site, tell));
    return tables;
  },
};
