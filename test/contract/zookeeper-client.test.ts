/** What the ZooKeeper client promises, asked of the fake server and of the real one. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "../../src/testing/eventually.ts";
import type { WatchEvent } from "../../namers/zookeeper/watcher.ts";
import { isZkError, type ZkCode } from "../../namers/zookeeper/zk-error.ts";
import { ZkMultiError } from "../../namers/zookeeper/multi.ts";
import { isFastSet } from "../fakes/fast-set.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { openClient, type TestClient } from "../fakes/zookeeper-client.ts";
import { requireServer } from "../servers/require.ts";
import { type Generation, generations } from "../servers/zookeeper-jars.ts";
import { missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

interface Running extends AsyncDisposable {
  readonly connectString: string;
}

interface ServerKind {
  readonly name: string;
  readonly missing: string | undefined;
  /** Whether it knows containers and persistent watches: 3.6 and later. */
  readonly isModern: boolean;
  start(): Promise<Running>;
}

const real = (generation: Generation): ServerKind => ({
  name: `a real server of ${generation}`,
  missing: missingForZooKeeper(generation),
  isModern: generation !== "3.4",
  start: () => startZooKeeper({ generation }),
});
const servers: readonly ServerKind[] = [
  { name: "the fake server", missing: undefined, isModern: true, start: () => FakeZooKeeper.start() },
  ...(isFastSet ? [] : generations.map(real)),
];

const bytes = (text: string): Buffer => Buffer.from(text);
const hasCode =
  (code: ZkCode) =>
  (error: unknown): boolean =>
    isZkError(error, code);

for (const { name, missing, isModern, start } of servers) {
  describe(`the ZooKeeper client on ${name}`, () => {
    let server: Running | undefined;
    before(async () => {
      if (missing === undefined) server = await start();
    });
    after(async () => {
      await server?.[Symbol.asyncDispose]();
    });
    const check = (title: string, body: (open: (chroot?: string) => TestClient) => Promise<void>): void => {
      test(title, async (t) => {
        if (!requireServer(t, missing) || !server) return;
        await using opened = new AsyncDisposableStack();
        const { connectString } = server;
        await body((chroot = "") => opened.use(openClient(connectString + chroot)));
      });
    };

    check("creates, reads, changes and deletes a node", async (open) => {
      const { client } = open();
      assert.equal(await client.create("/basic", bytes("one")), "/basic");
      const read = await client.getData("/basic");
      assert.equal(read.data.toString(), "one");
      assert.equal(read.stat.version, 0);
      assert.ok(Math.abs(read.stat.mtime - Date.now()) < 60_000);
      const stat = await client.setData("/basic", bytes("two"), 0);
      assert.equal(stat.version, 1);
      assert.equal((await client.exists("/basic"))?.dataLength, 3);
      await client.sync("/basic");
      await client.delete("/basic", 1);
      assert.equal(await client.exists("/basic"), undefined);
    });

    check("says which error it was", async (open) => {
      const { client } = open();
      await client.create("/errors", bytes(""));
      await assert.rejects(client.create("/errors", bytes("")), hasCode("NODE_EXISTS"));
      await assert.rejects(client.getData("/errors/none"), hasCode("NO_NODE"));
      await assert.rejects(client.setData("/errors", bytes("x"), 7), hasCode("BAD_VERSION"));
      await client.create("/errors/child", bytes(""));
      await assert.rejects(client.delete("/errors"), hasCode("NOT_EMPTY"));
      await client.create("/errors/brief", bytes(""), "ephemeral");
      await assert.rejects(client.create("/errors/brief/x", bytes("")), hasCode("NO_CHILDREN_FOR_EPHEMERALS"));
      await assert.rejects(client.getData("errors"), hasCode("BAD_ARGUMENTS"));
      await assert.rejects(client.getData("/errors/"), hasCode("BAD_ARGUMENTS"));
    });

    check("makes sequential nodes, and containers where there are any", async (open) => {
      const { client } = open();
      if (!isModern) {
        await assert.rejects(client.create("/kinds", bytes(""), "container"), hasCode("UNIMPLEMENTED"));
        await client.create("/kinds", bytes(""));
      } else await client.create("/kinds", bytes(""), "container");
      const first = await client.create("/kinds/n-", bytes(""), "persistent_sequential");
      const second = await client.create("/kinds/n-", bytes(""), "ephemeral_sequential");
      assert.match(first, /^\/kinds\/n-\d{10}$/);
      assert.ok(second > first);
      const { children, stat } = await client.getChildren("/kinds");
      assert.equal(children.length, 2);
      assert.equal(stat.numChildren, 2);
    });

    check("takes its ephemeral nodes along when it closes", async (open) => {
      const reader = open();
      const owner = open();
      await owner.client.create("/mine", bytes(""), "ephemeral");
      const { sessionId } = await owner.connected();
      const stat = await reader.client.exists("/mine");
      assert.equal(`0x${BigInt.asUintN(64, stat?.ephemeralOwner ?? 0n).toString(16)}`, sessionId);
      await owner.client.close();
      await eventually("the node is gone", async () => (await reader.client.exists("/mine")) === undefined, 1_000);
      assert.deepEqual(owner.states.at(-1), { tag: "closed" });
      assert.equal(owner.clock.waiting, 0);
    });

    check("does all of a multi or nothing", async (open) => {
      const { client } = open();
      await client.create("/multi", bytes("0"));
      const done = await client.multi([
        { kind: "check", path: "/multi", version: 0 },
        { kind: "create", path: "/multi/a", data: bytes("a") },
        { kind: "create", path: "/multi/s-", data: bytes("s"), mode: "ephemeral_sequential" },
        { kind: "setData", path: "/multi", data: bytes("1") },
      ]);
      assert.deepEqual(
        done.map((each) => each.path?.replace(/\d{10}$/, "#")),
        [undefined, "/multi/a", "/multi/s-#", undefined],
      );
      assert.equal(done[3]?.stat?.version, 1);
      const failing = client.multi([
        { kind: "delete", path: "/multi/a" },
        { kind: "delete", path: "/multi/missing" },
        { kind: "setData", path: "/multi", data: bytes("2") },
      ]);
      await assert.rejects(
        failing,
        (error) => error instanceof ZkMultiError && error.at === 1 && error.code === "NO_NODE",
      );
      assert.equal((await client.getData("/multi/a")).data.toString(), "a");
      assert.equal((await client.getData("/multi")).data.toString(), "1");
    });

    check("tells a watcher once of the next change", async (open) => {
      const { client } = open();
      const other = open().client;
      const events: WatchEvent[] = [];
      using watcher = client.watcher((event) => void events.push(event));
      assert.equal(await client.exists("/once", watcher), undefined);
      await other.create("/once", bytes("1"));
      await eventually("created is told", () => events.length === 1);
      await client.getData("/once", watcher);
      await client.getChildren("/once", watcher);
      await other.setData("/once", bytes("2"));
      await other.setData("/once", bytes("3"));
      await other.create("/once/child", bytes(""));
      await other.create("/once/child2", bytes(""));
      await eventually("both are told", () => events.length === 3);
      await client.sync("/once");
      assert.deepEqual(events, [
        { type: "created", path: "/once" },
        { type: "changed", path: "/once" },
        { type: "childrenChanged", path: "/once" },
      ]);
    });

    check("tells a persistent watcher of every change below its path, where there are such watches", async (open) => {
      const { client } = open();
      const other = open().client;
      const events: string[] = [];
      await client.create("/tree", bytes(""));
      using watcher = client.watcher((event) => void events.push(`${event.type} ${event.path}`));
      if (!isModern) {
        await assert.rejects(client.addWatch("/tree", "recursive", watcher), hasCode("UNIMPLEMENTED"));
        assert.equal((await client.getData("/tree", watcher)).data.length, 0);
        return;
      }
      await client.addWatch("/tree", "recursive", watcher);
      await other.create("/tree/a", bytes(""));
      await other.create("/tree/a/b", bytes(""));
      await other.setData("/tree/a/b", bytes("x"));
      await other.setData("/tree/a/b", bytes("y"));
      await other.delete("/tree/a/b");
      await eventually("all is told", () => events.length === 5);
      assert.deepEqual(events, [
        "created /tree/a",
        "created /tree/a/b",
        "changed /tree/a/b",
        "changed /tree/a/b",
        "deleted /tree/a/b",
      ]);
    });

    check("tells nothing after a watcher was disposed, and others still", async (open) => {
      const { client } = open();
      const other = open().client;
      await client.create("/gone", bytes(""));
      const events: string[] = [];
      const first = client.watcher((event) => void events.push(`first ${event.type}`));
      const second = client.watcher((event) => void events.push(`second ${event.type}`));
      await client.getData("/gone", first);
      const reading = client.getData("/gone", second);
      first[Symbol.dispose]();
      await reading;
      await other.setData("/gone", bytes("1"));
      await eventually("the second is told", () => events.length > 0);
      await client.sync("/gone");
      assert.deepEqual(events, ["second changed"]);
    });

    check("keeps inside its chroot", async (open) => {
      const outside = open().client;
      await outside.create("/root", bytes(""));
      await outside.create("/root/in", bytes(""));
      const { client } = open("/root/in");
      const events: WatchEvent[] = [];
      using watcher = client.watcher((event) => void events.push(event));
      assert.equal((await client.getData("/")).data.length, 0);
      await client.getChildren("/", watcher);
      assert.equal(await client.create("/x", bytes("")), "/x");
      assert.match(await client.create("/s-", bytes(""), "persistent_sequential"), /^\/s-\d{10}$/);
      await eventually("told", () => events.length === 1);
      assert.deepEqual(events, [{ type: "childrenChanged", path: "/" }]);
      assert.ok(await outside.exists("/root/in/x"));
      const [made] = await client.multi([{ kind: "create", path: "/m", data: bytes("") }]);
      assert.equal(made?.path, "/m");
    });

    check("carries many operations at once, in order", async (open) => {
      const { client } = open();
      await client.create("/many", bytes(""));
      const names = Array.from({ length: 2_000 }, (_, at) => `/many/${at}`);
      assert.deepEqual(await Promise.all(names.map((path) => client.create(path, bytes(path)))), names);
      assert.equal((await client.getChildren("/many")).children.length, 2_000);
      const read = await Promise.all(names.map((path) => client.getData(path)));
      assert.deepEqual(
        read.map((each) => each.data.toString()),
        names,
      );
    });

    check("refuses a request that a server would hang up on, and lives on", async (open) => {
      const { client } = open();
      await assert.rejects(client.create("/large", Buffer.alloc(1024 * 1024)), hasCode("BAD_ARGUMENTS"));
      assert.equal(await client.exists("/large"), undefined);
      assert.equal(await client.create("/large", Buffer.alloc(1_000_000)), "/large");
      assert.equal((await client.getData("/large")).data.length, 1_000_000);
    });
  });
}
