// What a daemon knew of its registries outlives it: a start during an outage serves from the snapshot on disk.
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { builtins } from "../../src/builtins.ts";
import { parseConfig } from "../../src/config/load.ts";
import { systemParts } from "../../src/system-parts.ts";
import { linkThreads } from "../../src/thread-linker.ts";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import { type Answer, askOnce } from "../load/open-load.ts";
import { slowness, waitUntil } from "../load/wait-until.ts";
import { type SpawnedDaemon, spawnDaemon } from "./cli.ts";
import type { LogLine } from "./daemon.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

/** Of the promise, from the moment that the server listens. */
const SERVES_WITHIN_MS = 1_000 * slowness;

const configuration = (zookeeper: string, workers: number): string => `
workers: ${workers}
admin: {port: 0}
snapshot: {interval: 100ms}
guard: {hold: 60s}
namers:
- {kind: io.l5d.curator, zkAddrs: "${zookeeper}", basePath: /services}
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.curator
  servers: [{port: 0}]
`;

interface Scene extends AsyncDisposable {
  readonly zookeeper: FakeZooKeeper;
  readonly backend: Backend;
  readonly file: string;
  readonly folder: TempFolder;
  start(): Promise<SpawnedDaemon>;
}

/** A registry with one service, and a daemon that may be started as often as it takes. */
async function openScene(workers: number): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const zookeeper = stack.use(await FakeZooKeeper.start());
  const backend = stack.use(await startBackend("served"));
  zookeeper.set("/services/users/i-1", curatorJson("users", { id: "i-1", host: "127.0.0.1", port: backend.port }));
  const folder = stack.use(tempFolder({ "linkspan.yaml": configuration(zookeeper.connectString, workers) }));
  const start = async (): Promise<SpawnedDaemon> => {
    const env = { ...process.env, STATE_DIRECTORY: folder.path };
    return stack.use(await spawnDaemon("linkspan.yaml", { cwd: folder.path, env }));
  };
  return {
    zookeeper,
    backend,
    folder,
    file: `${folder.path}/snapshot`,
    start,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const ask = ({ port }: SpawnedDaemon): Promise<Answer> => askOnce({ port, host: "users" });

/** Runs a daemon until its snapshot knows the service, and kills it. */
async function killedWithSnapshot(scene: Scene): Promise<void> {
  const daemon = await scene.start();
  assert.equal((await ask(daemon)).status, 200);
  await waitUntil("the snapshot is written", 5_000, () => contents(scene.file).includes(`${scene.backend.port}`));
  daemon.process.signal("SIGKILL");
  await daemon.process.ended;
}

function contents(file: string): string {
  return statSync(file, { throwIfNoEntry: false }) === undefined ? "" : readFileSync(file, "utf8");
}

async function served(daemon: SpawnedDaemon): Promise<Answer> {
  const before = performance.now();
  const answer = await ask(daemon);
  assert.ok(performance.now() - before < SERVES_WITHIN_MS, `it took ${performance.now() - before} ms`);
  return answer;
}

for (const workers of [0, 1]) {
  describe(`a daemon with ${workers} workers that was killed`, { timeout: 60_000 }, () => {
    it("serves from its snapshot within a second when it starts during an outage", async () => {
      await using scene = await openScene(workers);
      await killedWithSnapshot(scene);
      await scene.zookeeper.down();
      const daemon = await scene.start();
      const { status, body } = await served(daemon);
      assert.deepEqual([status, body], [200, "served"]);
      assert.equal(daemon.process.logged("snapshot.loaded").length, 1);
      const metrics = await (await fetch(`http://127.0.0.1:${daemon.adminPort}/metrics`)).text();
      assert.match(metrics, /linkspan_watches\{namer="\/io.l5d.curator",state="stale"\} 1/);
      assert.match(metrics, /linkspan_stale_seconds\{namer="\/io.l5d.curator"\} [1-9\d.]*[1-9]/);
    });

    it("serves from its snapshot while the registry accepts connections and says nothing", async () => {
      await using scene = await openScene(workers);
      await killedWithSnapshot(scene);
      scene.zookeeper.stall();
      assert.equal((await served(await scene.start())).status, 200);
    });

    it("holds an empty answer of a registry that was wiped meanwhile, and follows it from then on", async () => {
      await using scene = await openScene(workers);
      await killedWithSnapshot(scene);
      scene.zookeeper.remove("/services/users");
      await scene.zookeeper.down();
      const daemon = await scene.start();
      assert.equal((await ask(daemon)).status, 200);
      await scene.zookeeper.up();
      await waitUntil("the loss is held", 10_000, () => daemon.process.logged("guard.held").length === 1);
      assert.equal((await ask(daemon)).status, 200);
      await using other = await startBackend("other");
      const moved = { id: "i-2", host: "127.0.0.1", port: other.port };
      scene.zookeeper.set("/services/users/i-2", curatorJson("users", moved));
      await waitUntil("the new instance is used", 10_000, async () => (await ask(daemon)).body === "other");
    });
  });
}

describe("a daemon whose control thread and worker die in an outage", { timeout: 60_000 }, () => {
  it("serves from its snapshot as soon as their successors run", async () => {
    await using scene = await openScene(1);
    const text = readFileSync(`${scene.folder.path}/linkspan.yaml`, "utf8").replace(
      "snapshot: {",
      "snapshot: {path: snapshot, ",
    );
    const config = await parseConfig(text, { file: "test.yaml", baseDir: scene.folder.path, builtins });
    const log: LogLine[] = [];
    const writeLog = (line: string): void => void log.push(JSON.parse(line) as LogLine);
    const daemon = await linkThreads(config, { ...systemParts(config, writeLog), writeLog });
    await using _ = { [Symbol.asyncDispose]: () => daemon.close() };
    const port = daemon.servers[0]?.port ?? 0;
    const restarts = (): number => log.filter(({ event }) => event === "thread.restarted").length;
    assert.equal((await askOnce({ port, host: "users" })).status, 200);
    await waitUntil("the snapshot is written", 5_000, () => contents(scene.file).includes(`${scene.backend.port}`));
    await scene.zookeeper.down();
    await daemon.supervisor.terminate("control");
    await waitUntil("the control thread runs again", 10_000, () => restarts() === 1);
    assert.equal((await askOnce({ port, host: "users" })).status, 200, "the worker knows it still");
    await daemon.supervisor.terminate(0);
    await waitUntil("the worker runs again", 10_000, () => restarts() === 2);
    const before = performance.now();
    assert.equal((await askOnce({ port, host: "users" })).status, 200, "the control thread knows it from the snapshot");
    assert.ok(performance.now() - before < SERVES_WITHIN_MS);
    assert.deepEqual(
      log.filter(({ event }) => event === "bug"),
      [],
    );
  });
});

describe("a snapshot that cannot be used", { timeout: 60_000 }, () => {
  const damages: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    ["has another byte", (text) => text.replace("127.0.0.1", "127.0.0.2"), /checksum/],
    ["is cut short", (text) => text.slice(0, text.length / 2), /cut short/],
    ["is of another version", (text) => text.replace("snapshot 1\n", "snapshot 0\n"), /version 0/],
    ["is something else", () => "\0\0\0", /does not begin/],
    ["is empty", () => "", /does not begin/],
  ];

  it("is refused with one line, and the daemon starts", async () => {
    await using scene = await openScene(0);
    await killedWithSnapshot(scene);
    const good = contents(scene.file);
    for (const [what, damage, cause] of damages) {
      writeFileSync(scene.file, damage(good));
      await using daemon = await scene.start();
      const refused = daemon.process.logged("snapshot.refused");
      assert.equal(refused.length, 1, what);
      assert.match(String(refused[0]?.["cause"]), cause, what);
      assert.equal((await ask(daemon)).status, 200, what);
    }
  });

  it("is written for its owner alone, at the end of the daemon too", async () => {
    await using scene = await openScene(1);
    const daemon = await scene.start();
    assert.equal((await ask(daemon)).status, 200);
    daemon.process.signal("SIGTERM");
    assert.equal((await daemon.process.endWithin(10_000)).code, 0);
    assert.equal(statSync(scene.file).mode & 0o777, 0o600);
    assert.ok(contents(scene.file).includes(`${scene.backend.port}`));
  });
});
