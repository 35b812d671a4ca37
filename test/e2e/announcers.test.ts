// Servers of a linkerd.yaml that are announced in ZooKeeper, as any reader of serversets finds them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { waitUntil } from "../load/wait-until.ts";
import { spawnDaemon } from "./cli.ts";
import { startDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

const configuration = (zookeeper: FakeZooKeeper, servers: string, workers: number): string => `
workers: ${workers}
admin: {port: 0}
routers:
- protocol: http
  dtab: /svc => /$/inet/127.0.0.1/1
  announcers:
  - {kind: io.l5d.serversets, zkAddrs: [{host: 127.0.0.1, port: ${zookeeper.port}}], pathPrefix: /discovery/prod}
  servers: ${servers}
`;

interface Member {
  readonly serviceEndpoint: { readonly host: string; readonly port: number };
  readonly status: string;
}

function members(zookeeper: FakeZooKeeper, path: string): readonly Member[] {
  return zookeeper.children(path).map((name) => JSON.parse(zookeeper.get(`${path}/${name}`) ?? "") as Member);
}

const places = (zookeeper: FakeZooKeeper, path: string): readonly string[] =>
  members(zookeeper, path).map(({ serviceEndpoint: { host, port } }) => `${host}:${port}`);

for (const workers of [0, 1]) {
  describe(`a daemon with ${workers} workers`, { timeout: 60_000 }, () => {
    it("announces a server once it listens, at the port that it got, and takes that away before it closes", async () => {
      await using zookeeper = await FakeZooKeeper.start();
      const daemon = await startDaemon(
        configuration(zookeeper, "[{port: 0, announce: [/#/io.l5d.serversets/web]}]", workers),
      );
      try {
        await waitUntil("it is announced", 5_000, () => members(zookeeper, "/discovery/prod/web").length === 1);
        assert.deepEqual(places(zookeeper, "/discovery/prod/web"), [`127.0.0.1:${daemon.port}`]);
        assert.deepEqual(zookeeper.children("/discovery/prod/web"), ["member_0000000000"]);
        assert.equal(members(zookeeper, "/discovery/prod/web")[0]?.status, "ALIVE");
        await waitUntil("it is told", 5_000, () => daemon.logged("server.announced").length === 1);
        assert.equal(daemon.logged("server.announced")[0]?.["name"], "/#/io.l5d.serversets/web");
      } finally {
        await daemon[Symbol.asyncDispose]();
      }
      assert.deepEqual(members(zookeeper, "/discovery/prod/web"), []);
      const events = daemon.log.map(({ event }) => event);
      const order = ["drain.started", "announcement.withdrawn", "drain.finished"];
      assert.deepEqual(
        events.filter((event) => order.includes(event)),
        order,
      );
    });

    it("announces what `advertise` says, and each name of which an announcer takes the prefix", async () => {
      await using zookeeper = await FakeZooKeeper.start();
      const names = "[/#/io.l5d.serversets/a, /#/io.l5d.serversets/b, /#/other/c]";
      const servers = `[{port: 0, advertise: "gw.example:80", announce: ${names}}, {port: 0, announce: [/#/io.l5d.serversets/b]}]`;
      await using daemon = await startDaemon(configuration(zookeeper, servers, workers));
      await waitUntil("both stand", 5_000, () => members(zookeeper, "/discovery/prod/b").length === 2);
      const second = daemon.daemon.servers[1]?.port;
      assert.deepEqual(places(zookeeper, "/discovery/prod/a"), ["gw.example:80"]);
      assert.deepEqual([...places(zookeeper, "/discovery/prod/b")].sort(), [`127.0.0.1:${second}`, "gw.example:80"]);
    });

    it("serves while its registry is away, says so once, and announces when that is back", async () => {
      await using zookeeper = await FakeZooKeeper.start();
      await zookeeper.down();
      await using daemon = await startDaemon(
        configuration(zookeeper, "[{port: 0, announce: [/#/io.l5d.serversets/web]}]", workers),
      );
      assert.equal((await fetch(`http://127.0.0.1:${daemon.port}/`)).headers.get("linkspan-code") === null, false);
      await zookeeper.up();
      await waitUntil("it is announced", 20_000, () => members(zookeeper, "/discovery/prod/web").length === 1);
    });
  });
}

describe("a reload", { timeout: 60_000 }, () => {
  it("takes up names, announcers and servers one by one, and keeps the members of what is the same", async () => {
    await using zookeeper = await FakeZooKeeper.start();
    const keeping = "{port: 0, announce: [/#/io.l5d.serversets/web]}";
    using folder = tempFolder();
    const write = (servers: string): string => folder.write("linkerd.yaml", configuration(zookeeper, servers, 1));
    await using daemon = await spawnDaemon(write(`[${keeping}]`));
    await waitUntil("it is announced", 5_000, () => members(zookeeper, "/discovery/prod/web").length === 1);
    const kept = zookeeper.children("/discovery/prod/web");
    write(`[${keeping}, {port: 0, announce: [/#/io.l5d.serversets/more]}]`);
    await waitUntil("the new one is announced", 10_000, () => members(zookeeper, "/discovery/prod/more").length === 1);
    assert.deepEqual(zookeeper.children("/discovery/prod/web"), kept);
    write(`[${keeping}]`);
    await waitUntil("it is gone", 10_000, () => members(zookeeper, "/discovery/prod/more").length === 0);
    assert.deepEqual(zookeeper.children("/discovery/prod/web"), kept);
    write("[{port: 0}]");
    await waitUntil("no name is left", 10_000, () => members(zookeeper, "/discovery/prod/web").length === 0);
    const told = (): number => daemon.process.out.split('"announcement.withdrawn"').length - 1;
    await waitUntil("both ends are told", 5_000, () => told() === 2);
  });
});
