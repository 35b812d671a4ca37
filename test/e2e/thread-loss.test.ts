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
import { letPass, waitUntil } from "../load/wait-until.ts";
import type { LogLine } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

const controlAwayMs = process.env["LINKSPAN_TESTS"] === "long" ? 60_000 : 10_000;

interface Site extends AsyncDisposable {
  readonly daemon: ThreadedDaemon;
  /** Each request on a connection of its own. */
  readonly fresh: OpenLoad;
  readonly kept: OpenLoad;
  logged(event: string): readonly LogLine[];
}

/** Two workers, and callers whom they serve. */
async function openSite(): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const backend = stack.use(await startBackend("served"));
  const folder = stack.use(tempFolder({ users: `127.0.0.1 ${backend.port}\n` }));
  const text = 'workers: 2\nadmin: {port: 0}\nsources: {files: {files: .}}\nroutes: {"*": files/*}\nlisten: 0\n';
  const config = await parseConfig(text, { file: "test.yaml", baseDir: folder.path, builtins });
  const log: LogLine[] = [];
  const writeLog = (line: string): void => void log.push(JSON.parse(line) as LogLine);
  const daemon = await linkThreads(config, { ...systemParts(config, writeLog), writeLog });
  stack.defer(() => daemon.close());
  const port = daemon.servers[0]?.port ?? 0;
  const load = (perSecond: number, agent: Agent): OpenLoad =>
    stack.use(new OpenLoad({ port, host: "users", perSecond, agent }));
  const fresh = load(200, new Agent({ keepAlive: false }));
  const kept = load(100, new Agent({ keepAlive: true, maxSockets: 16, scheduling: "fifo" }));
  await waitUntil("all are served", 10_000, () => fresh.answers.length > 100 && kept.answers.length > 50);
  const all = stack.move();
  return {
    daemon,
    fresh,
    kept,
    logged: (event) => log.filter((line) => line.event === event),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A caller may use a connection that it has not seen end yet. */
const UNSEEN_MS = 200;

describe("under load", { timeout: controlAwayMs + 60_000 }, () => {
  it("the control thread may be away: nobody notices", async () => {
    await using site = await openSite();
    const { daemon, fresh, kept, logged } = site;
    await daemon.supervisor.terminate("control", controlAwayMs);
    await letPass(controlAwayMs);
    await waitUntil("it is back", 10_000, () => logged("thread.restarted").length === 1);
    await fresh.stop();
    await kept.stop();
    assert.deepEqual([...failed(fresh.answers), ...failed(kept.answers)], []);
    assert.ok(fresh.offeredShare >= 0.95 && kept.offeredShare >= 0.95);
    assert.deepEqual(logged("bug"), []);
  });

  it("a worker's end costs what was under way there, and no request that comes after", async (t) => {
    await using site = await openSite();
    const { daemon, fresh, kept, logged } = site;
    const endings = 3;
    const ends: { from: number; to: number }[] = [];
    for (let ended = 1; ended <= endings; ended++) {
      const from = performance.now();
      await daemon.supervisor.terminate(ended % 2);
      ends.push({ from, to: performance.now() });
      await waitUntil("it is replaced", 10_000, () => logged("thread.restarted").length === ended);
      await letPass(500);
    }
    await fresh.stop();
    await kept.stop();
    const lost = [...failed(fresh.answers), ...failed(kept.answers)];
    const unexplained = lost.filter(({ sentAt, tookMs }) => {
      return !ends.some(({ from, to }) => sentAt <= to + UNSEEN_MS && sentAt + tookMs >= from);
    });
    t.diagnostic(`${lost.length} of ${fresh.answers.length + kept.answers.length} requests were lost`);
    assert.deepEqual(unexplained, []);
    assert.ok(fresh.offeredShare >= 0.95 && kept.offeredShare >= 0.95);
  });
});
