/** Starts on real registries: whichever comes first, router or registry, and a router that comes back while its registry is away. */
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { after, before, describe, it, type TestContext } from "node:test";
import { type SpawnedDaemon, spawnDaemon } from "../e2e/cli.ts";
import { startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import { tempFolder } from "../e2e/temp-folder.ts";
import { askOnce } from "../load/open-load.ts";
import { letPass, slowness, waitUntil } from "../load/wait-until.ts";
import { requireServer } from "../servers/require.ts";
import type { StartRegistry } from "./start-registry.ts";

export interface StartSuite {
  readonly registry: string;
  /** What is missing to run its server, or `undefined`. */
  readonly missing: string | undefined;
  start(): Promise<StartRegistry>;
}

/** The promises, from when the later of the two is ready. */
const ANSWERED_MS = 2_000;
const SERVES_WITHIN_MS = 1_000;
/** Long enough for every back-off to have grown. */
const AWAY_MS = 6_000;
const ROUNDS = 3;
const about = { timeout: 120_000 };

export function startSuite({ registry: name, missing, start }: StartSuite): void {
  describe(`a router whose registry is ${name}`, { concurrency: false }, () => {
    let registry: StartRegistry | undefined;
    before(async () => {
      if (missing === undefined) registry = await start();
    });
    after(async () => registry?.[Symbol.asyncDispose]());
    const test = (what: string, run: (t: TestContext, registry: StartRegistry) => Promise<void>): void =>
      void it(what, about, async (t) => {
        if (requireServer(t, missing) && registry !== undefined) await run(t, registry);
      });
    test("answers within 2 s where the registry was there before", registryFirst);
    test("answers within 2 s of the start of a registry that came late", routerFirst);
    test("answers within 2 s of the last start of a registry that comes and goes", flapping);
    test("serves within a second from its snapshot when it is killed and started in an outage", restarted);
    test("refuses a snapshot that is corrupt, old or cut short with one line, and starts", damaged);
  });
}

async function registryFirst(t: TestContext, registry: StartRegistry): Promise<void> {
  await using daemon = await startDaemon(configuration(registry));
  await untilAnswered(t, daemon, registry);
}

async function routerFirst(t: TestContext, registry: StartRegistry): Promise<void> {
  await registry.kill();
  await using daemon = await startDaemon(configuration(registry));
  await unanswered(daemon, registry);
  await letPass(AWAY_MS);
  await unanswered(daemon, registry);
  await registry.start();
  await untilAnswered(t, daemon, registry);
}

/** In the last round another router starts, for which nothing has been answered yet. */
async function flapping(t: TestContext, registry: StartRegistry): Promise<void> {
  await registry.kill();
  await using daemon = await startDaemon(configuration(registry));
  for (let round = 0; round < ROUNDS; round++) {
    await unanswered(daemon, registry, round === 0);
    await registry.start();
    await letPass(100 * round);
    await registry.kill();
  }
  await using late = await startDaemon(configuration(registry));
  await unanswered(late, registry);
  await registry.start();
  await Promise.all([daemon, late].map((each) => untilAnswered(t, each, registry)));
}

async function restarted(t: TestContext, registry: StartRegistry): Promise<void> {
  using folder = tempFolder({ "linkspan.yaml": configuration(registry) });
  const spawn = (): Promise<SpawnedDaemon> => spawnIn(folder.path);
  await using first = await spawn();
  await knownAndWritten(first, registry, `${folder.path}/snapshot`);
  first.process.signal("SIGKILL");
  await first.process.ended;
  await registry.kill();
  try {
    const spawnedAt = performance.now();
    await using second = await spawn();
    const readyAt = performance.now();
    const answers = await Promise.all(hostsOf(registry).map((host) => askOnce({ port: second.port, host })));
    const took = performance.now() - readyAt;
    t.diagnostic(`answered ${took.toFixed(0)} ms after it listened, ${(readyAt - spawnedAt).toFixed(0)} ms after that`);
    for (const { status, body } of answers) assert.deepEqual([status, body], [200, "served"]);
    assert.ok(took < SERVES_WITHIN_MS * slowness, `it took ${took} ms`);
    assert.equal(second.process.logged("snapshot.loaded").length, 1);
  } finally {
    await registry.start();
  }
}

async function damaged(_: TestContext, registry: StartRegistry): Promise<void> {
  const damages: readonly (readonly [RegExp, (text: string) => string])[] = [
    [/checksum/, (text) => text.replaceAll(`${registry.backend.port}`, "1")],
    [/version 0/, (text) => text.replace("snapshot 1\n", "snapshot 0\n")],
    [/cut short/, (text) => text.slice(0, text.length / 2)],
  ];
  using folder = tempFolder({ "linkspan.yaml": configuration(registry) });
  const file = `${folder.path}/snapshot`;
  await using first = await spawnIn(folder.path);
  await knownAndWritten(first, registry, file);
  first.process.signal("SIGKILL");
  await first.process.ended;
  const good = readFileSync(file, "utf8");
  for (const [cause, damage] of damages) {
    writeFileSync(file, damage(good));
    await using daemon = await spawnIn(folder.path);
    const refused = daemon.process.logged("snapshot.refused");
    assert.equal(refused.length, 1);
    assert.match(String(refused[0]?.["cause"]), cause);
    for (const host of hostsOf(registry)) assert.equal((await askOnce({ port: daemon.port, host })).status, 200);
  }
}

async function knownAndWritten(daemon: SpawnedDaemon, registry: StartRegistry, file: string): Promise<void> {
  for (const host of hostsOf(registry)) assert.equal((await askOnce({ port: daemon.port, host })).status, 200);
  await waitUntil("the snapshot has all of them", 5_000, () => {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return false;
    const text = readFileSync(file, "utf8");
    return text.split(`${registry.backend.port}`).length > hostsOf(registry).length;
  });
}

const spawnIn = (folder: string): Promise<SpawnedDaemon> =>
  spawnDaemon("linkspan.yaml", { cwd: folder, env: { ...process.env, STATE_DIRECTORY: folder } });

const hostsOf = ({ paths }: StartRegistry): readonly string[] => Object.keys(paths);

/** Whoever asks is told so, and soon; a registry that was there for a moment may have answered. */
async function unanswered({ port }: TestDaemon, registry: StartRegistry, isSure = true): Promise<void> {
  const answers = await Promise.all(hostsOf(registry).map((host) => askOnce({ port, host })));
  if (isSure) for (const { status } of answers) assert.equal(status, 503);
}

async function untilAnswered(t: TestContext, { port }: TestDaemon, registry: StartRegistry): Promise<void> {
  const each = hostsOf(registry).map(async (host) => {
    let last = "";
    const isAnswered = async (): Promise<boolean> => {
      const { status, code, body } = await askOnce({ port, host });
      last = `${status} ${code} ${body}`;
      return status === 200;
    };
    const took = await waitUntil(`${host} is answered`, ANSWERED_MS, isAnswered).catch((error: Error) => {
      throw new Error(`${error.message}: ${last}`, { cause: error });
    });
    t.diagnostic(`${host}: the first success after ${took.toFixed(0)} ms`);
  });
  await Promise.all(each);
}

function configuration({ namers, paths }: StartRegistry): string {
  const dtab = Object.entries(paths).map(([host, path]) => `    /svc/${host} => ${path} ;`);
  return `
admin: {port: 0}
snapshot: {interval: 100ms}
namers:
${namers.map((each) => `- ${each}`).join("\n")}
routers:
- protocol: http
  dtab: |
${dtab.join("\n")}
  servers: [{port: 0}]
`;
}
