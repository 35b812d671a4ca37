/** The ZooKeeper client on real ensembles: fail-over, observers, servers without a quorum, rolling restarts, clocks. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, quietFor } from "../../src/testing/eventually.ts";
import { openClient } from "../fakes/zookeeper-client.ts";
import { requireServer } from "../servers/require.ts";
import { missingForFaketime } from "../servers/zookeeper-jars.ts";
import { startEnsemble, type ZooKeeperEnsemble } from "../servers/zookeeper-ensemble.ts";
import { missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

const missing = missingForZooKeeper();
const nothing = Buffer.alloc(0);
let ensemble: ZooKeeperEnsemble | undefined;

before(async () => {
  if (missing === undefined) ensemble = await startEnsemble({ observers: 1 });
});
after(async () => {
  await ensemble?.[Symbol.asyncDispose]();
});

test(
  "a session goes on at another server when its own is killed, frozen, or leads no more",
  { timeout: 60_000 },
  async (t) => {
    if (!requireServer(t, missing) || !ensemble) return;
    const { servers, connectString } = ensemble;
    await using opened = openClient(connectString, { sessionTimeoutMs: 6_000 });
    const { sessionId } = await opened.connected();
    await opened.client.create("/mine", nothing, "ephemeral");
    const events: string[] = [];
    using watcher = opened.client.watcher((event) => void events.push(`${event.type} ${event.path}`));
    await opened.client.getData("/mine", watcher);
    for (const trouble of ["kill", "freeze"] as const) {
      const { server } = await opened.connected();
      const own = servers.find((each) => each.connectString === server);
      assert.ok(own);
      await own[trouble]();
      await eventually(
        "moved",
        () => opened.client.state.tag === "connected" && opened.client.state.server !== server,
        10_000,
      );
      assert.equal((await opened.connected()).sessionId, sessionId);
      if (trouble === "freeze") own.thaw();
      else await own.start();
    }
    const leader = await ensemble.leader();
    await leader.kill();
    await eventually(
      "writes work again",
      () =>
        opened.client.create("/after", nothing).then(
          () => true,
          () => false,
        ),
      20_000,
    );
    await leader.start();
    await opened.client.setData("/mine", Buffer.from("x"));
    await eventually("the watch went along", () => events.includes("changed /mine"));
    assert.equal((await opened.connected()).sessionId, sessionId);
    assert.deepEqual(events, ["changed /mine"]);
  },
);

test("an observer serves like the others", { timeout: 30_000 }, async (t) => {
  if (!requireServer(t, missing) || !ensemble) return;
  const observer = ensemble.servers.at(-1);
  assert.ok(observer);
  await ensemble.leader();
  await observer.serving();
  await using opened = openClient(observer.connectString, { sessionTimeoutMs: 4_000 });
  await opened.client.create("/observed", Buffer.from("x"));
  assert.equal((await opened.client.getData("/observed")).data.toString(), "x");
});

test(
  "a server without a quorum is read by who wants that, and left when the quorum is back",
  { timeout: 60_000 },
  async (t) => {
    if (!requireServer(t, missing)) return;
    await using lax = await startEnsemble({ readOnly: true });
    const [first, second, third] = lax.servers;
    assert.ok(first && second && third);
    await using opened = openClient(lax.connectString, { sessionTimeoutMs: 10_000, readOnly: true });
    await using strict = openClient(lax.connectString, { sessionTimeoutMs: 10_000 });
    await opened.client.create("/kept", Buffer.from("x"));
    await strict.connected();
    await Promise.all([first.kill(), second.kill()]);
    await eventually(
      "it makes do",
      () => opened.client.state.tag === "connected" && opened.client.state.readOnly,
      20_000,
    );
    assert.equal((await opened.client.getData("/kept")).data.toString(), "x");
    assert.notEqual(strict.client.state.tag, "connected");
    await Promise.all([first.start(), second.start(), third.serving()]);
    for (const { client } of [opened, strict])
      await eventually("a quorum", () => client.state.tag === "connected" && !client.state.readOnly, 20_000);
    await opened.client.create("/written", nothing);
  },
);

test("a rolling restart costs no session and no watch", { timeout: 90_000 }, async (t) => {
  if (!requireServer(t, missing) || !ensemble) return;
  await using opened = openClient(ensemble.connectString, { sessionTimeoutMs: 10_000 });
  const { sessionId } = await opened.connected();
  await opened.client.create("/rolled", nothing);
  await opened.client.create("/rolled/brief", nothing, "ephemeral");
  const events: string[] = [];
  using watcher = opened.client.watcher((event) => void events.push(`${event.type} ${event.path}`));
  await opened.client.addWatch("/rolled", "recursive", watcher);
  await ensemble.rollingRestart();
  await eventually("connected", () => opened.client.state.tag === "connected", 10_000);
  assert.equal((await opened.connected()).sessionId, sessionId);
  assert.ok(await opened.client.exists("/rolled/brief"));
  await opened.client.create("/rolled/new", nothing);
  await eventually("told", () => events.includes("created /rolled/new"));
});

test("a server whose clock jumps by an hour, forth and back, keeps its sessions", { timeout: 60_000 }, async (t) => {
  if (!requireServer(t, missing ?? missingForFaketime())) return;
  await using server = await startZooKeeper({ faketime: true });
  await using opened = openClient(server.connectString, { sessionTimeoutMs: 3_000 });
  const { sessionId } = await opened.connected();
  await opened.client.create("/mine", nothing, "ephemeral");
  for (const hours of [1, -1]) {
    server.setClock(hours * 3_600_000);
    const path = `/at-${hours}`;
    await eventually("the clock has jumped", async () => {
      await opened.client.create(path, nothing);
      const stat = await opened.client.exists(path);
      await opened.client.delete(path);
      return Math.abs((stat?.ctime ?? 0) - Date.now() - hours * 3_600_000) < 600_000;
    });
    await quietFor(1_500);
  }
  assert.equal((await opened.connected()).sessionId, sessionId);
  assert.ok(await opened.client.exists("/mine"));
  assert.equal(opened.states.filter((state) => state.tag === "connected").length, 1);
});
