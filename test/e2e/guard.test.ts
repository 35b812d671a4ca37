// What the guard of a running daemon holds, as an operator sees it and orders it; and what the daemon's readiness says.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { startBackend } from "../load/backend.ts";
import { askOnce } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import { runCli } from "./cli.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";

const configuration = (zookeeper: string, workers: number, more = ""): string => `
workers: ${workers}
admin: {port: 0}
guard: {hold: 60s${more}}
namers:
- {kind: io.l5d.curator, prefix: /zk, zkAddrs: "${zookeeper}", basePath: /services}
routers:
- {protocol: http, dtab: "/svc => /#/zk", servers: [{port: 0}]}
`;

interface Scene extends AsyncDisposable {
  readonly zookeeper: FakeZooKeeper;
  readonly daemon: TestDaemon;
  ask(): Promise<number>;
}

async function openScene(workers: number, more = ""): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const zookeeper = stack.use(await FakeZooKeeper.start());
  const backend = stack.use(await startBackend("served"));
  zookeeper.set("/services/users/i-1", curatorJson("users", { id: "i-1", host: "127.0.0.1", port: backend.port }));
  const daemon = stack.use(await startDaemon(configuration(zookeeper.connectString, workers, more)));
  const ask = async (): Promise<number> => (await askOnce({ port: daemon.port, host: "users" })).status;
  assert.equal(await ask(), 200);
  return { zookeeper, daemon, ask, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const guard = ({ adminUrl }: TestDaemon, ...args: readonly string[]) => runCli(["guard", ...args, "--admin", adminUrl]);

async function readiness({ adminUrl }: TestDaemon): Promise<readonly [status: number, text: string]> {
  const response = await fetch(`${adminUrl}/ready`);
  return [response.status, await response.text()];
}

for (const workers of [0, 1]) {
  describe(`a daemon with ${workers} workers`, { timeout: 60_000 }, () => {
    it("believes at once what an operator releases, by its bound or its logical name, and logs the order", async () => {
      for (const name of ["/#/zk/users", "/svc/users"]) {
        await using scene = await openScene(workers);
        const { daemon, zookeeper, ask } = scene;
        assert.match((await guard(daemon, "release", name)).err, /nothing is held/);
        zookeeper.remove("/services/users");
        await waitUntil("the loss is held", 5_000, () => daemon.logged("guard.held").length === 1);
        assert.equal(await ask(), 200);
        const list = await guard(daemon, "list", "--json");
        const { held } = JSON.parse(list.out) as { held: { name: string; lost: number }[] };
        assert.deepEqual(
          held.map((each) => [each.name, each.lost]),
          [["/#/zk/users", 1]],
        );
        const metrics = await (await fetch(`${daemon.adminUrl}/metrics`)).text();
        assert.match(metrics, /linkspan_held_names\{namer="\/zk"\} 1/);
        const { code, out } = await guard(daemon, "release", name);
        assert.deepEqual([code, out], [0, "released /#/zk/users\n"]);
        await waitUntil("it is believed", 5_000, async () => (await ask()) !== 200);
        const [line] = daemon.logged("guard.released");
        assert.deepEqual([line?.["namer"], line?.["name"], line?.["why"]], ["/zk", "/users", "ordered"]);
        assert.equal((await guard(daemon, "list")).out, "Nothing is held.\n");
      }
    });

    it("takes no orders from web pages", async () => {
      await using scene = await openScene(workers);
      const url = `${scene.daemon.adminUrl}/admin/guard/release?name=/svc/users`;
      const response = await fetch(url, { method: "POST", headers: { origin: "http://elsewhere.example" } });
      assert.equal(response.status, 403);
      assert.equal((await fetch(url)).status, 405);
    });

    it("is ready, until a source has not been confirmed for longer than it may; its names stay in use", async () => {
      await using scene = await openScene(workers, ", maxStale: 1s");
      const { daemon, zookeeper, ask } = scene;
      assert.deepEqual(await readiness(daemon), [200, "ready\n"]);
      await zookeeper.down();
      await waitUntil("it is not ready", 10_000, async () => (await readiness(daemon))[0] === 503);
      assert.match((await readiness(daemon))[1], /^not ready: \/#\/zk has not been confirmed for \d+ s: ZooKeeper at /);
      assert.equal(await ask(), 200);
      assert.equal((await fetch(`${daemon.adminUrl}/live`)).status, 200);
      await zookeeper.up();
      await waitUntil("it is ready again", 10_000, async () => (await readiness(daemon))[0] === 200);
    });
  });
}
