/** After all kinds of traffic, good and bad, for a long time, a daemon holds what it held before. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { join } from "node:path";
import { GrpcCaller } from "../fakes/grpc-peers.ts";
import { grpcLoad } from "../load/grpc-load.ts";
import { type Plan, plans } from "../load/grpc-plans.ts";
import { failed, OpenLoad } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { replace } from "../servers/certificates.ts";
import { expect, type Lane, type LaneReport, runLanes } from "./lanes.ts";
import { openSoakSite, type SoakSite } from "./soak-site.ts";
import { portsOf, trafficOf } from "./soak-traffic.ts";
import { grownHeaps, grownMib, type Inventory, SoakedDaemon } from "./soaked-daemon.ts";

const isLong = process.env["LINKSPAN_TESTS"] === "long";
/** Of the traffic that is counted; LINKSPAN_SOAK_S says another. */
const soakMs = Number(process.env["LINKSPAN_SOAK_S"] ?? (isLong ? 1_200 : 120)) * 1_000;
/** Heaps of workers, which nobody collects on request, take some minutes to reach the size that they keep. */
const warmupMs = Math.min(isLong ? 180_000 : 20_000, soakMs);
const PER_SECOND = 40;
const MIB = 2 ** 20;

let site: SoakSite;
const stack = new AsyncDisposableStack();

before(async () => {
  site = stack.use(await openSoakSite());
});
after(() => stack.disposeAsync());

/** What changes for all daemons: the instances of `users`, and the certificate. */
function changes(): readonly Lane[] {
  const [first, second] = site.users.map((port) => `127.0.0.1 ${port}\n`);
  let turn = 0;
  return [
    {
      name: "instances that come and go",
      everyMs: 700,
      act: async () => void site.folder.write("disco/users", turn++ % 2 === 0 ? `${first}${second}` : `${first}`),
    },
    {
      name: "certificates that change",
      everyMs: 5_000,
      act: async () => replace(site.identity, site.trusted.issue(`next-${++turn}`, { commonName: "users" })),
    },
  ];
}

/** A part of the configuration that is another one each time: names, weights, what clusters and stacks are made of. */
function another(written: string, turn: number): string {
  const dentry = `/svc/name-${turn} => /#/io.l5d.fs/users ; /svc => /#/io.l5d.fs`;
  const text = turn % 2 === 0 ? written : written.replace("dtab: /svc => /#/io.l5d.fs\n", `dtab: "${dentry}"\n`);
  const service = `  service: {totalTimeoutMs: ${60_000 + turn}}\n  servers: [{port: 0}, {port: 0, tls`;
  return turn % 3 === 0 ? text : text.replace("  servers: [{port: 0}, {port: 0, tls", service);
}

/** The file of one daemon changes, and is read again; in the end it is as it was. */
function reloads(daemon: SoakedDaemon, file: string): Lane & { end(): Promise<void> } {
  const written = readFileSync(file, "utf8");
  const read = async (text: string): Promise<void> => {
    writeFileSync(file, text);
    const { result, cause } = await daemon.reload();
    expect(`it is taken up, and not ${result}: ${cause}`, result !== "refused");
  };
  let turn = 0;
  return {
    name: "a configuration that changes",
    everyMs: 1_000,
    act: () => read(another(written, ++turn)),
    end: () => read(written),
  };
}

interface Done {
  readonly lanes: readonly LaneReport[];
  readonly steady: OpenLoad;
  readonly calls: { readonly count: number; readonly messages: number; readonly flaws: readonly string[] };
}

async function traffic(daemon: SoakedDaemon, tag: string, forMs: number): Promise<Done> {
  const ports = portsOf(daemon);
  const steady = new OpenLoad({ port: ports.web, host: "users", perSecond: PER_SECOND });
  using echo = new GrpcCaller(ports.calls, "calls");
  using resetting = new GrpcCaller(ports.calls, "resetting");
  const next = plans(Math.random);
  // Short and slow: they are to be of many kinds, and not much load.
  const plan = (): Plan => {
    const drawn = next();
    return { ...drawn, up: Math.min(drawn.up, 100), size: Math.min(drawn.size, 5_000), latencyMs: 100 };
  };
  const [lanes, calls] = await Promise.all([
    runLanes(trafficOf(ports, site, tag), forMs),
    grpcLoad({ callers: [{ echo, resetting }], plan, concurrency: 2, forMs, stallMs: 60_000, flaws: site.flaws }),
  ]);
  await steady.stop();
  return { lanes, steady, calls: { count: calls.calls, messages: calls.messages, flaws: calls.flaws } };
}

/** Waits until nobody is connected, what was kept for a while is forgotten, and nothing more is closed. */
async function atRest(daemon: SoakedDaemon): Promise<Inventory> {
  const busy = /^linkspan_(?:server_connections|upstream_connections|routes|parked)(?:\{.*\})? [1-9]/;
  /** Series of what comes and goes; "unbound" is there for good. */
  const passing = /[{,](?:cluster="|service="(?!unbound"))/;
  let kept: readonly string[] = [];
  await waitUntil("no connection, route or cluster is left", 60_000, async () => {
    const lines = (await daemon.metrics()).split("\n");
    kept = lines.filter((line) => busy.test(line) || passing.test(line));
    return kept.length === 0;
  }).catch((error: unknown) => {
    throw new Error(`left: ${kept.join("\n")}`, { cause: error });
  });
  let last = await daemon.inventory();
  await waitUntil("what is open stays the same for a while", 60_000, async () => {
    const previous = last;
    await letPass(2_000);
    last = await daemon.inventory();
    return previous.descriptors === last.descriptors && previous.series.length === last.series.length;
  });
  return last;
}

/** Series may appear for a kind of failure that chance had not shown before: they are bounded by the table of codes. */
const isOfCodes = (series: string): boolean => /[{,](?:code|status|class|result)=/.test(series);

describe("a daemon that serves everything for a long time", { concurrency: 2 }, () => {
  for (const workers of [0, 2]) {
    it(
      `holds what it held before, and has failed nobody, with ${workers} workers`,
      { timeout: soakMs + warmupMs + 400_000 },
      async () => {
        const written = readFileSync(join(site.folder.path, "linkspan.yaml"), "utf8");
        const file = site.folder.write(`w${workers}.yaml`, written);
        await using daemon = await SoakedDaemon.start(file, workers);
        const reloading = reloads(daemon, file);
        await Promise.all([traffic(daemon, `w${workers}-warm`, warmupMs), runLanes([reloading], warmupMs)]);
        await reloading.end();
        const before = await atRest(daemon);
        const heldBefore = await daemon.resources();

        const [done, changed] = await Promise.all([
          traffic(daemon, `w${workers}`, soakMs),
          runLanes([...changes(), reloading], soakMs),
        ]);
        await reloading.end();

        const after = await atRest(daemon);
        const heldAfter = await daemon.resources();
        const report = {
          workers,
          lanes: Object.fromEntries(done.lanes.map((lane) => [lane.name, `${lane.done}/${lane.wanted}`])),
          calls: done.calls.count,
          messages: done.calls.messages,
          steady: done.steady.answers.length,
          heapsMib: [heldBefore.heaps, heldAfter.heaps].map((heaps) => heaps.map((heap) => heap / MIB)),
          externalMib: [heldBefore.external / MIB, heldAfter.external / MIB],
          rssMib: [heldBefore.rss / MIB, heldAfter.rss / MIB],
          descriptors: [before.descriptors, after.descriptors],
          sockets: [before.sockets, after.sockets],
          series: [before.series.length, after.series.length],
        };
        console.log(JSON.stringify(report));

        assert.deepEqual(
          [...done.lanes, ...changed].flatMap(({ failures }) => failures),
          [],
        );
        assert.deepEqual(done.calls.flaws, []);
        assert.deepEqual(failed(done.steady.answers), []);
        assert.deepEqual(daemon.logged("bug"), []);
        for (const { name, done: acts, wanted } of done.lanes)
          assert.ok(acts > wanted / 4, `${name}: ${acts} of ${wanted}`);
        assert.ok(done.steady.offeredShare > 0.9, `${done.steady.offeredShare} of the steady load was sent`);
        assert.ok(done.calls.count > soakMs / 1_000, `${done.calls.count} gRPC calls`);

        assert.deepEqual(after.kinds, before.kinds);
        assert.deepEqual(heldAfter.active, heldBefore.active);
        const known = new Set(before.series);
        assert.deepEqual(
          after.series.filter((each) => !known.has(each) && !isOfCodes(each)),
          [],
        );
        // Main alone, or main, control and workers.
        assert.equal(heldAfter.heaps.length, workers === 0 ? 1 : 2 + workers);
        const heaps = grownHeaps(heldBefore, heldAfter);
        assert.ok(Math.max(...heaps) < 4, `heaps grew by ${heaps.join(", ")} MiB`);
        for (const [kind, most] of Object.entries({ external: 8, rss: 150 })) {
          const of = kind as "external" | "rss";
          const by = grownMib(heldBefore[of], heldAfter[of]);
          assert.ok(by < most, `${of} grew by ${by} MiB`);
        }
      },
    );
  }
});
