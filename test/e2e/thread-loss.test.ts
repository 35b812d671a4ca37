/** A thread of a daemon ends while callers come and go: who fails, and for how long. */
import assert from "node:assert/strict";
import { Agent } from "node:http";
import { describe, it } from "node:test";
import { builtins } from "../../src/builtins.ts";
import { parseConfig } from "../../src/config/load.ts";
import { systemParts } from "../../src/system-parts.ts";
import { linkThreads, type ThreadedDaemon } from "../../src/thread-linker.ts";
import { startBackend } from "../load/backend.ts";
import { failed, OpenLoad } from "../load/open-load.ts";
import { broken, startTalkingBackend, StreamLoad } from "../load/stream-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import type { LogLine } from "./daemon.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

const isLong = process.env["LINKSPAN_TESTS"] === "long";
const controlAwayMs = isLong ? 60_000 : 10_000;
const workerEnds = isLong ? 20 : 3;

const yaml = `
plugins: [./flawed.mjs]
admin: {port: 0}
workers: 2
namers:
- {kind: io.l5d.fs, rootDir: .}
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 0}]
- protocol: h2
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 0}]
`;

interface Site extends AsyncDisposable {
  readonly daemon: ThreadedDaemon;
  readonly folder: TempFolder;
  /** Each request on a connection of its own. */
  readonly fresh: OpenLoad;
  readonly kept: OpenLoad;
  readonly streams: StreamLoad;
  logged(event: string): readonly LogLine[];
}

/** Two workers, and callers whom they serve. */
async function openSite(): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const backend = stack.use(await startBackend("served"));
  const talking = stack.use(await startTalkingBackend());
  const instances = { users: `127.0.0.1 ${backend.port}\n`, talks: `127.0.0.1 ${talking.port}\n` };
  const folder = stack.use(tempFolder({ ...instances, "flawed.mjs": flawedPlugin }));
  const config = await parseConfig(yaml, { file: "test.yaml", baseDir: folder.path, builtins });
  const log: LogLine[] = [];
  const writeLog = (line: string): void => void log.push(JSON.parse(line) as LogLine);
  const daemon = await linkThreads(config, { ...systemParts(config, writeLog), writeLog });
  stack.defer(() => daemon.close());
  const [port = 0, h2 = 0] = daemon.servers.map((server) => server.port);
  const load = (perSecond: number, agent: Agent): OpenLoad =>
    stack.use(new OpenLoad({ port, host: "users", perSecond, agent }));
  const fresh = load(200, new Agent({ keepAlive: false }));
  const kept = load(100, new Agent({ keepAlive: true, maxSockets: 16, scheduling: "fifo" }));
  const streams = stack.use(new StreamLoad(h2, "talks"));
  await waitUntil("all are served", 10_000, () => fresh.answers.length > 100 && kept.answers.length > 50);
  const all = stack.move();
  return {
    daemon,
    folder,
    fresh,
    kept,
    streams,
    logged: (event) => log.filter((line) => line.event === event),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** So often that the back-off would make them wait for the next one. */
const RESTART_MS = 100;

/** A caller may use a connection that it has not seen end yet. */
const UNSEEN_MS = 200;

describe("under load", { timeout: controlAwayMs + workerEnds * 5_000 + 60_000 }, () => {
  it("the control thread may be away: nobody notices", async () => {
    await using site = await openSite();
    const { daemon, fresh, kept, streams, logged } = site;
    await daemon.supervisor.terminate("control", controlAwayMs);
    await letPass(controlAwayMs);
    await waitUntil("it is back", 10_000, () => logged("thread.restarted").length === 1);
    await fresh.stop();
    await kept.stop();
    assert.deepEqual([...failed(fresh.answers), ...failed(kept.answers)], []);
    assert.deepEqual(broken(await streams.stop()), []);
    assert.ok(fresh.offeredShare >= 0.95 && kept.offeredShare >= 0.95);
    assert.deepEqual(logged("bug"), []);
  });

  it("an exception that nobody expected ends no worker: nobody notices", async () => {
    await using site = await openSite();
    const { folder, fresh, kept, streams, logged } = site;
    for (let thrown = 1; thrown <= 10; thrown++) {
      folder.write("throw", "");
      await waitUntil("it is logged", 10_000, () => logged("bug").length === thrown);
    }
    await fresh.stop();
    await kept.stop();
    assert.deepEqual([...failed(fresh.answers), ...failed(kept.answers)], []);
    assert.deepEqual(broken(await streams.stop()), []);
    assert.deepEqual(logged("thread.ended"), []);
  });

  it("a worker's end costs what was under way there, and no request that comes after", async (t) => {
    await using site = await openSite();
    const { daemon, fresh, kept, streams, logged } = site;
    const ends: { from: number; to: number }[] = [];
    for (let ended = 1; ended <= workerEnds; ended++) {
      const from = performance.now();
      await daemon.supervisor.terminate(ended % 2, RESTART_MS);
      ends.push({ from, to: performance.now() });
      await waitUntil("it is replaced", 10_000, () => logged("thread.restarted").length === ended);
      await letPass(500);
    }
    await fresh.stop();
    await kept.stop();
    const talks = await streams.stop();
    const lost = [...failed(fresh.answers), ...failed(kept.answers)];
    const isExplained = (startedAt: number, endedAt: number): boolean =>
      ends.some(({ from, to }) => startedAt <= to + UNSEEN_MS && endedAt >= from);
    const requests = fresh.answers.length + kept.answers.length;
    t.diagnostic(`${lost.length} of ${requests} requests and ${broken(talks).length} of ${talks.length} streams lost`);
    assert.deepEqual(
      lost.filter(({ sentAt, tookMs }) => !isExplained(sentAt, sentAt + tookMs)),
      [],
    );
    assert.deepEqual(
      broken(talks).filter(({ startedAt, endedAt }) => !isExplained(startedAt, endedAt)),
      [],
    );
    assert.ok(fresh.offeredShare >= 0.95 && kept.offeredShare >= 0.95);
  });
});

/** Throws in a worker as often as there is a file `throw`. */
const flawedPlugin = `
import { existsSync, unlinkSync } from "node:fs";
import { threadName } from "node:worker_threads";
const wish = new URL("throw", import.meta.url);
const look = () => {
  if (!existsSync(wish)) return;
  unlinkSync(wish);
  throw new Error("a defect");
};
if (threadName === "worker 0") setInterval(look, 50).unref();
export default {
  api: 1,
  family: "classifier",
  kind: "test.flawed",
  schema: { json: {}, parse: () => ({}) },
  create: () => ({ classify: () => "success" }),
};
`;
