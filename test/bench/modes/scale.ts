/** 20,000 names and 200,000 endpoints watched: memory, rest, and how soon and how cheaply a change is routed. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, request } from "node:http";
import { freePort } from "../../servers/free-port.ts";
import { cores, startPinned, stop, usageOf, waitForPort } from "../measure.ts";
import type { Peer } from "../peers/peer.ts";
import { loopback, startEchoBackend } from "../scale/backend.ts";
import type { ScaleRegistry } from "../scale/registry.ts";
import { zooKeeperAtScale } from "../scale/zookeeper.ts";
import type { Site } from "../site.ts";
import type { Table } from "../table.ts";

const NAMES = Number(process.env["SCALE_NAMES"] ?? 20_000);
const EACH = 10;
const BIG = Number(process.env["SCALE_BIG"] ?? 50_000);
const FLOOD_PER_SECOND = 1_000;
const FLOOD_SECONDS = Number(process.env["SCALE_SECONDS"] ?? 60);
const PROBED = 50;
const PROBES = 200;
const REST_MS = 10_000;
const CALLERS = 32;
const ROUTED_MS = 30_000;
const root = join(import.meta.dirname, "../../..");

type Row = readonly [string, string, string];

const serviceOf = (n: number): string => `s-${n}`;
/** Services of one instance. */
const probeOf = (n: number): string => `p-${n % PROBED}`;
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A daemon over the registry, called from here. */
class Field implements AsyncDisposable {
  readonly registry: ScaleRegistry;
  readonly pid: number;
  readonly #port: number;
  readonly #back: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  readonly #stack: AsyncDisposableStack;
  /** Addresses that were never given to anybody. */
  #fresh = NAMES * EACH + BIG + PROBED;

  private constructor(
    registry: ScaleRegistry,
    pid: number,
    ports: { front: number; back: number },
    stack: AsyncDisposableStack,
  ) {
    this.registry = registry;
    this.pid = pid;
    this.#port = ports.front;
    this.#back = ports.back;
    this.#stack = stack;
  }

  static async open(make: () => Promise<ScaleRegistry>, site: Site): Promise<Field> {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await make());
    const back = stack.use(await startEchoBackend()).port;
    for (let n = 0; n < NAMES; n++) {
      const hosts = Array.from({ length: EACH }, (_, at) => loopback(n * EACH + at));
      registry.put(serviceOf(n), hosts, back);
    }
    for (let n = 0; n < PROBED; n++) registry.put(probeOf(n), [loopback(NAMES * EACH + BIG + n)], back);
    const front = await freePort();
    const file = join(site.folderOf(`scale-${registry.name}`), "linkspan.yaml");
    writeFileSync(file, configuration(registry, front));
    const child = startPinned(cores.proxy, [join(root, "bin/linkspan.cjs"), "run", file]);
    stack.defer(() => stop(child));
    await waitForPort(front, 15_000, child);
    return new Field(registry, child.pid ?? 0, { front, back }, stack.move());
  }

  /** Calls each of these names once. */
  async call(services: readonly string[]): Promise<void> {
    const left = [...services];
    const caller = async (): Promise<void> => {
      for (let service = left.pop(); service !== undefined; service = left.pop()) await this.ask(service);
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  }

  /** The address that answered; "" where none did. */
  ask(service: string): Promise<string> {
    return new Promise((resolve) => {
      const call = request({ port: this.#port, host: "127.0.0.1", agent: this.#agent, headers: { host: service } });
      call.on("error", () => resolve(""));
      call.on("response", (response) => {
        let body = "";
        response.setEncoding("latin1");
        response.on("data", (text: string) => (body += text));
        response.on("end", () => resolve(response.statusCode === 200 ? body : ""));
      });
      call.end();
    });
  }

  /** How many ms it takes until a service of one instance is called where that is now. */
  async move(service: string): Promise<number> {
    const host = loopback(this.#fresh++);
    const movedAt = performance.now();
    this.registry.set(service, 0, host, this.#back);
    // The backend shows addresses of IPv4 as such of IPv6.
    while (!(await this.ask(service)).endsWith(host)) {
      if (performance.now() - movedAt > ROUTED_MS) throw new Error(`${service} is not called where it is`);
      await pass(1);
    }
    return performance.now() - movedAt;
  }

  /** Another address for one instance of some name. */
  touch(service: string, n: number): void {
    this.registry.set(service, n, loopback(this.#fresh++), this.#back);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.#stack.disposeAsync();
  }
}

function configuration({ namer, base }: ScaleRegistry, port: number): string {
  const most = NAMES + 100;
  return `workers: 1
admin: {port: 0}
guard: {hold: 0s}
namers:
- ${namer}
routers:
- protocol: http
  dtab: /svc => ${base}
  bindingCache: {paths: ${most}, trees: ${most}, bounds: ${most}, clients: ${most}, idleTtlSecs: 3600}
  servers: [{port: ${port}}]
`;
}

async function cpuPercent(pid: number, ms: number): Promise<number> {
  const before = usageOf(pid).cpuSeconds;
  await pass(ms);
  return ((usageOf(pid).cpuSeconds - before) / (ms / 1_000)) * 100;
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
  const took = await moves(field, Math.ceil(FLOOD_SECONDS * 4), 200);
  while (performance.now() - startedAt < FLOOD_SECONDS * 1_000) await pass(50);
  clearInterval(timer);
  const seconds = (performance.now() - startedAt) / 1_000;
  const busy = ((usageOf(field.pid).cpuSeconds - before) / seconds) * 100;
  return [
    ["changes a second", (done / seconds).toFixed(0), `${FLOOD_PER_SECOND} for ${FLOOD_SECONDS} s`],
    ["CPU meanwhile", `${busy.toFixed(0)} %`, ""],
    ["a change routed meanwhile, p50 / p99", `${share(took, 0.5)} / ${share(took, 0.99)}`, ""],
  ];
}

async function big(field: Field): Promise<Row[]> {
  const hosts = Array.from({ length: BIG }, (_, n) => loopback(NAMES * EACH + n));
  field.registry.put("big", hosts, 1);
  const startedAt = performance.now();
  const rss = usageOf(field.pid).rssMb;
  // Nobody listens at that port: what matters is that it is known whom to call.
  await field.ask("big");
  const known = performance.now() - startedAt;
  await pass(2_000);
  const more = usageOf(field.pid).rssMb - rss;
  let changed = 0;
  const timer = setInterval(() => field.touch("big", changed++), 100);
  const busy = await cpuPercent(field.pid, REST_MS);
  clearInterval(timer);
  return [
    [`one name of ${BIG} endpoints, known after`, `${known.toFixed(0)} ms`, ""],
    ["memory for it", `${more.toFixed(0)} MB`, ""],
    ["CPU at ten changes a second of it", `${busy.toFixed(0)} %`, ""],
  ];
}

async function measure(make: () => Promise<ScaleRegistry>, site: Site, tell: (line: string) => void): Promise<Table> {
  await using field = await Field.open(make, site);
  const rows: Row[] = [];
  const add = (...more: readonly Row[]): void => {
    for (const row of more) tell(row.join("  "));
    rows.push(...more);
  };
  await field.ask(serviceOf(0));
  await pass(3_000);
  const empty = usageOf(field.pid).rssMb;
  const startedAt = performance.now();
  await field.call(Array.from({ length: NAMES }, (_, n) => serviceOf(n)));
  await field.call(Array.from({ length: PROBED }, (_, n) => probeOf(n)));
  add(["every name called once within", `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`, ""]);
  await pass(REST_MS);
  const full = usageOf(field.pid).rssMb;
  add(["RSS with one name, with all", `${empty.toFixed(0)} MB, ${full.toFixed(0)} MB`, "300 MB more"]);
  add(["CPU at rest", `${(await cpuPercent(field.pid, REST_MS)).toFixed(2)} %`, "1 %"]);
  const took = await moves(field, PROBES, 20);
  add(["a change routed, p50 / p99", `${share(took, 0.5)} / ${share(took, 0.99)}`, "p99 100 ms"]);
  add(...(await flood(field)));
  add(...(await big(field)));
  add(["RSS at the end", `${usageOf(field.pid).rssMb.toFixed(0)} MB`, ""]);
  const title = `${field.registry.name}: ${NAMES} names, ${NAMES * EACH} endpoints`;
  return { title, heads: ["", "found", "wanted"], rows };
}

export const scale = {
  about: `${NAMES} names and ${NAMES * EACH} endpoints of a registry watched by one worker: memory, rest, and changes`,
  async run(_peers: readonly Peer[], site: Site, tell: (line: string) => void): Promise<readonly Table[]> {
    return [await measure(zooKeeperAtScale, site, tell)];
  },
};
