// Outages of a real ZooKeeper under traffic: not one request may fail for it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TestDaemon, shownClusters, shownEndpoints, startDaemon } from "../e2e/daemon.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import { type Answer, OpenLoad, askOnce, failed } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { type Curator, missingForCurator, startCurator } from "../servers/curator.ts";
import { requireServer } from "../servers/require.ts";
import { type ZooKeeperServer, missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

const outageMs = process.env["LINKSPAN_TESTS"] === "long" ? 30_000 : 5_000;
const host = "127.0.0.1";

const configuration = (connectString: string, guard = ""): string => `
admin: {port: 0}
${guard}
sources: {zk: {zookeeper: "${connectString}", path: /services}}
routes: {users: zk/users, "*": zk/*}
listen: 0
`;

interface Scene extends AsyncDisposable {
  readonly zookeeper: ZooKeeperServer;
  readonly curator: Curator;
  readonly backends: readonly Backend[];
  readonly daemon: TestDaemon;
  readonly load: OpenLoad;
}

/** Two instances registered, requests under way. */
async function openScene(guard?: string): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const zookeeper = stack.use(await startZooKeeper({ tickTime: 500 }));
  const curator = stack.use(await startCurator(zookeeper.connectString));
  const backends = await Promise.all(["i-1", "i-2"].map((name) => startBackend(name)));
  for (const backend of backends) {
    stack.use(backend);
    await curator.register({ service: "users", id: backend.name, host, port: backend.port, type: "PERMANENT" });
  }
  const daemon = stack.use(await startDaemon(configuration(zookeeper.connectString, guard)));
  const load = stack.use(new OpenLoad({ port: daemon.port, host: "users", perSecond: 200 }));
  await waitUntil("both instances get traffic", 5_000, () => backends.every((each) => each.requests > 5));
  return { zookeeper, curator, backends, daemon, load, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function expected(backends: readonly Backend[]): readonly string[] {
  return backends.map((backend) => `${host}:${backend.port}`).sort();
}

async function settle({ load, daemon }: Scene, backends: readonly Backend[]): Promise<void> {
  await waitUntil("the endpoints equal the registry's", 5_000, async () => {
    return JSON.stringify(await shownEndpoints(daemon)) === JSON.stringify(expected(backends));
  });
  await load.stop();
  assert.deepEqual(failed(load.answers), []);
  assert.ok(load.offeredShare >= 0.95, `only ${load.offeredShare} of the load was sent`);
}

async function assertOneOutageIsLogged(daemon: TestDaemon): Promise<void> {
  await waitUntil("the recovery is logged", 5_000, () => daemon.logged("namer.recovered").length > 0);
  assert.equal(daemon.logged("namer.stale").length, 1);
  assert.equal(daemon.logged("namer.recovered").length, 1);
}

describe("an outage of ZooKeeper costs no request", () => {
  it("when it is stopped and started again", { timeout: 180_000 }, async (t) => {
    if (!requireServer(t, missingForZooKeeper() ?? missingForCurator())) return;
    await using scene = await openScene();
    await scene.zookeeper.stop();
    await letPass(outageMs);
    await scene.zookeeper.restart();
    await using late = await startBackend("i-3");
    await waitUntil("a registration after the outage", 15_000, async () => {
      try {
        await scene.curator.register({ service: "users", id: "i-3", host, port: late.port, type: "PERMANENT" });
        return true;
      } catch {
        return false;
      }
    });
    await settle(scene, [...scene.backends, late]);
    await assertOneOutageIsLogged(scene.daemon);
  });

  it("when it is frozen, so that connections stand and nothing answers", { timeout: 180_000 }, async (t) => {
    if (!requireServer(t, missingForZooKeeper() ?? missingForCurator())) return;
    await using scene = await openScene();
    await scene.zookeeper.freeze();
    // Long enough that the session is lost as well: at thaw it has expired.
    await letPass(Math.max(outageMs, 12_000));
    await scene.zookeeper.thaw();
    await settle(scene, scene.backends);
    await assertOneOutageIsLogged(scene.daemon);
  });

  it("when its data is wiped, and registered anew within the hold", { timeout: 180_000 }, async (t) => {
    if (!requireServer(t, missingForZooKeeper() ?? missingForCurator())) return;
    await using scene = await openScene("guard: {hold: 20s}");
    await scene.zookeeper.wipe();
    await scene.zookeeper.start();
    await waitUntil("the router has seen that everything is gone", 10_000, async () => {
      return (await shownClusters(scene.daemon)).every((cluster) => cluster.state === "held");
    });
    await letPass(outageMs / 2);
    assert.deepEqual(await shownEndpoints(scene.daemon), expected(scene.backends));
    await using again = await startCurator(scene.zookeeper.connectString);
    for (const backend of scene.backends) {
      await again.register({ service: "users", id: backend.name, host, port: backend.port, type: "PERMANENT" });
    }
    await waitUntil("nothing is held any more", 5_000, async () => {
      return (await shownClusters(scene.daemon)).every((cluster) => cluster.state === "ok");
    });
    await settle(scene, scene.backends);
  });
});

describe("a daemon that starts before ZooKeeper", () => {
  it("says why it cannot answer, and answers within 2 s of ZooKeeper's start", { timeout: 120_000 }, async (t) => {
    if (!requireServer(t, missingForZooKeeper() ?? missingForCurator())) return;
    await using stack = new AsyncDisposableStack();
    const zookeeper = stack.use(await startZooKeeper({ tickTime: 500 }));
    const backend = stack.use(await startBackend("i-1"));
    const curator = await startCurator(zookeeper.connectString);
    await curator.register({ service: "users", id: "i-1", host, port: backend.port, type: "PERMANENT" });
    await curator.kill();
    await zookeeper.stop();

    const daemon = stack.use(await startDaemon(configuration(zookeeper.connectString)));
    const ask = (): Promise<Answer> => askOnce({ port: daemon.port, host: "users" });
    const early = await ask();
    assert.equal(early.status, 503);
    assert.equal(early.code, "name.unavailable");
    assert.match(early.body, new RegExp(zookeeper.connectString));

    await zookeeper.restart();
    await waitUntil("a request succeeds", 2_000, async () => (await ask()).status === 200);
  });
});
