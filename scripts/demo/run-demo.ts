/** Plays a demo: every lane at once, on daemons and backends of its own. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "../../src/index.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { Caller } from "./caller.ts";
import type { Demo, DemoReport, Lane } from "./demo.ts";
import { FakeBackends } from "./fake-backends.ts";
import { Stopwatch } from "./stopwatch.ts";

export interface PlayOptions {
  /** How long it takes by the clock; as long as the story if it is not said. */
  readonly seconds?: number;
  readonly seed?: number;
  /** Shown what has come of it, some times a second. */
  readonly show?: (report: DemoReport, storyMs: number) => void;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** How often requests are looked for that are due, and how often it is shown. */
const TICK_MS = 2;
const SHOW_MS = 250;

/** Resolves when every request has ended; nothing of it is left then. */
export async function play(demo: Demo, options: PlayOptions = {}): Promise<DemoReport> {
  const { seconds = demo.seconds, seed = demo.seed ?? 1, show, signal } = options;
  const pace = seconds / demo.seconds;
  const stopwatch = new Stopwatch(pace);
  await using opened = new AsyncDisposableStack();
  const callers: Caller[] = [];
  for (const lane of demo.lanes) callers.push(await openLane(demo, lane, { stopwatch, seed, opened }));
  const report = (): DemoReport => {
    return { demo: demo.name, storySeconds: demo.seconds, pace, seed, lanes: callers.map((each) => each.report()) };
  };
  stopwatch.start();
  let shownAt = 0;
  const isOver = (): boolean => signal?.aborted === true || callers.every((each) => each.isDone);
  while (!isOver()) {
    for (const caller of callers) caller.send();
    const now = performance.now();
    if (show !== undefined && now - shownAt >= SHOW_MS) {
      shownAt = now;
      show(report(), stopwatch.storyMs);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  return report();
}

interface LaneParts {
  readonly stopwatch: Stopwatch;
  readonly seed: number;
  readonly opened: AsyncDisposableStack;
}

async function openLane(demo: Demo, lane: Lane, { stopwatch, seed, opened }: LaneParts): Promise<Caller> {
  const backends = opened.use(new FakeBackends(demo.backends, stopwatch, seed));
  const behind = await backends.listen();
  const ports = lane.router === undefined ? behind : [await openDaemon(lane, behind, { stopwatch, seed, opened })];
  return opened.use(new Caller({ demo, lane: lane.name, stopwatch, ports, asked: () => backends.asked }));
}

/** A daemon that finds the backends in a file; resolves to its port. */
async function openDaemon(lane: Lane, behind: readonly number[], parts: LaneParts): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "linkspan-demo-"));
  parts.opened.defer(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "demo"), behind.map((port) => `127.0.0.1 ${port}\n`).join(""));
  const router = {
    protocol: "http",
    label: lane.name,
    dtab: "/svc => /#/io.l5d.fs",
    servers: [{ port: 0 }],
    ...lane.router?.(parts.stopwatch.paced),
  };
  const text = JSON.stringify({
    namers: [{ kind: "io.l5d.fs", rootDir: "." }],
    routers: [router],
    admin: { port: 0 },
  });
  const daemon = await start({
    text,
    baseDir: folder,
    writeLog: () => undefined,
    random: seededRandom(parts.seed),
  });
  parts.opened.use({ [Symbol.asyncDispose]: () => daemon.close() });
  return daemon.servers[0]?.port ?? 0;
}
