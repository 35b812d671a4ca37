/** How a ZooKeeper session lives through trouble, on a server that makes it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, quietFor } from "../../src/testing/eventually.ts";
import { socketDialer } from "../../src/testing/plugin-context.ts";
import { Secret } from "linkspan/plugin";
import { ZkClient } from "../../namers/zookeeper/client.ts";
import { Op } from "../../namers/zookeeper/records.ts";
import type { WatchEvent } from "../../namers/zookeeper/watcher.ts";
import { isZkError, ZkError, type ZkCode } from "../../namers/zookeeper/zk-error.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { openClient } from "../fakes/zookeeper-client.ts";

const nothing = Buffer.alloc(0);
const hasCode =
  (code: ZkCode) =>
  (error: unknown): boolean =>
    isZkError(error, code);

/** What became of an operation: its result's text, or its error's code. */
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof ZkError ? error.code : String(error)),
  );

test("a session notices within two thirds of its timeout that the server is frozen, and resumes after the thaw", async () => {
  await using server = await FakeZooKeeper.start();
  await using opened = openClient(server.connectString, { sessionTimeoutMs: 900 });
  const before = await opened.connected();
  server.stall();
  const frozenAt = performance.now();
  const work = outcome(opened.client.exists("/"));
  await opened.reach("suspended");
  const noticed = performance.now() - frozenAt;
  assert.ok(noticed < 700, `noticed after ${noticed} ms`);
  assert.equal(await work, "CONNECTION_LOSS");
  server.unstall();
  const after = await opened.connected();
  assert.equal(after.sessionId, before.sessionId);
  assert.equal(after.renewed, false);
});

test("an idle session stays connected by pings", async () => {
  await using server = await FakeZooKeeper.start();
  await using opened = openClient(server.connectString, { sessionTimeoutMs: 300 });
  await opened.connected();
  await quietFor(1_000);
  assert.deepEqual(
    opened.states.map((state) => state.tag),
    ["idle", "connecting", "connected"],
  );
  assert.equal(server.accepted, 1);
});

test("a connection that is accepted and not answered is given up", async () => {
  await using server = await FakeZooKeeper.start();
  server.stall();
  await using opened = openClient(server.connectString, { sessionTimeoutMs: 400 });
  const state = await eventually("the attempt is given up", () => {
    const { state } = opened.client;
    return state.tag === "connecting" && state.cause !== undefined && state;
  });
  assert.match(state.cause?.message ?? "", /did not answer within 266 ms/);
  assert.equal(await outcome(opened.client.exists("/")), "CONNECTION_LOSS");
  server.unstall();
  await opened.connected();
});

test("a client asks the servers one after the other until one answers", async () => {
  await using stalled = await FakeZooKeeper.start();
  await using server = await FakeZooKeeper.start();
  await using gone = await FakeZooKeeper.start();
  await gone.down();
  stalled.stall();
  const list = [gone, stalled, server].map((each) => each.connectString).join(",");
  await using opened = openClient(list, { sessionTimeoutMs: 1_000 });
  const state = await opened.connected();
  assert.equal(state.server, server.connectString);
});

for (const bytes of [0, 2, 4, 9, 30]) {
  test(`a connection cut ${bytes} bytes into a frame leaves nothing to the next one`, async () => {
    await using server = await FakeZooKeeper.start();
    server.set("/a", "x".repeat(100));
    await using opened = openClient(server.connectString);
    const { sessionId } = await opened.connected();
    server.cutNextFrameAfter(bytes);
    assert.equal(await outcome(opened.client.getData("/a")), "CONNECTION_LOSS");
    assert.equal((await opened.client.getData("/a")).data.length, 100);
    assert.equal((await opened.connected()).sessionId, sessionId);
  });
}

test("every operation settles when the connection is lost, and those not sent yet wait for the next", async () => {
  await using server = await FakeZooKeeper.start();
  await using opened = openClient(server.connectString);
  await opened.connected();
  server.stall();
  const works = Array.from({ length: 1_500 }, () => outcome(opened.client.exists("/")));
  server.cut();
  server.unstall();
  const ends = await Promise.all(works);
  assert.deepEqual([...new Set(ends)].sort(), ["CONNECTION_LOSS", "done"]);
  assert.equal(ends.filter((end) => end === "CONNECTION_LOSS").length, 1_000);
});

test("an operation that finds no connection within a session timeout is lost, with the reason", async () => {
  await using server = await FakeZooKeeper.start();
  await server.down();
  await using opened = openClient(server.connectString, { sessionTimeoutMs: 300 });
  const begun = performance.now();
  await assert.rejects(opened.client.exists("/"), (error) => {
    assert.ok(isZkError(error, "CONNECTION_LOSS"));
    assert.match(error.message, /ECONNREFUSED/);
    return true;
  });
  assert.ok(performance.now() - begun >= 290);
});

test("the queue has an end", async () => {
  await using server = await FakeZooKeeper.start();
  await server.down();
  await using opened = openClient(server.connectString);
  const works = Array.from({ length: 10_001 }, () => outcome(opened.client.exists("/")));
  assert.equal(await works[10_000], "QUEUE_FULL");
  await opened.client.close();
  const ends = await Promise.all(works);
  assert.deepEqual([...new Set(ends)].sort(), ["CLOSED", "QUEUE_FULL"]);
});

test("an expired session is told, and a new one made", async () => {
  await using server = await FakeZooKeeper.start();
  await using opened = openClient(server.connectString);
  const before = await opened.connected();
  await opened.client.create("/mine", nothing, "ephemeral");
  server.set("/p/x");
  const events: WatchEvent[] = [];
  using watcher = opened.client.watcher((event) => void events.push(event));
  await opened.client.getData("/p/x", watcher);
  await opened.client.addWatch("/p", "recursive", watcher);
  server.expireSession();
  await eventually("a new session", () => events.length === 2);
  const after = await opened.connected();
  assert.notEqual(after.sessionId, before.sessionId);
  assert.equal(after.renewed, true);
  assert.equal(server.get("/mine"), undefined);
  const tags = opened.states.map((state) => state.tag);
  assert.deepEqual(tags.slice(2), ["connected", "suspended", "expired", "connecting", "connected"]);
  assert.deepEqual(new Set(events.map((event) => `${event.type} ${event.path}`)), new Set(["lost /p/x", "renewed /p"]));
  server.set("/p/y");
  await eventually("the persistent watch goes on", () => events.some((event) => event.path === "/p/y"));
});

test("what waits when the session expires is told so", async () => {
  await using server = await FakeZooKeeper.start();
  await using opened = openClient(server.connectString);
  await opened.connected();
  server.refuse();
  server.expireSession();
  await opened.reach("suspended");
  const works = [1, 2, 3].map(() => outcome(opened.client.exists("/")));
  server.refuse(false);
  assert.deepEqual(await Promise.all(works), ["SESSION_EXPIRED", "SESSION_EXPIRED", "SESSION_EXPIRED"]);
});

test("an error that nobody knows is an error like others", async () => {
  await using server = await FakeZooKeeper.start();
  await using opened = openClient(server.connectString);
  server.failNext(-9999);
  await assert.rejects(opened.client.exists("/"), (error) => isZkError(error, "UNKNOWN") && error.number === -9999);
  server.failNext(-125);
  await assert.rejects(opened.client.exists("/"), hasCode("QUOTA_EXCEEDED"));
  assert.ok(await opened.client.exists("/"));
  assert.equal(server.accepted, 1);
});

test("one-time watches are armed again after a cut, and what was missed is told", async () => {
  await using server = await FakeZooKeeper.start();
  for (const path of ["/changed", "/deleted", "/parent", "/same"]) server.set(path);
  await using opened = openClient(server.connectString);
  const events: string[] = [];
  using watcher = opened.client.watcher((event) => void events.push(`${event.type} ${event.path}`));
  for (const path of ["/changed", "/deleted", "/same"]) await opened.client.getData(path, watcher);
  await opened.client.getChildren("/parent", watcher);
  await opened.client.exists("/created", watcher);
  await server.down();
  await opened.reach("suspended");
  server.set("/changed", "new");
  server.remove("/deleted");
  server.set("/parent/child");
  server.set("/created");
  await server.up();
  await eventually("all is told", () => events.length === 4);
  assert.deepEqual(events.sort(), [
    "changed /changed",
    "childrenChanged /parent",
    "created /created",
    "deleted /deleted",
  ]);
  server.set("/same", "new");
  await eventually("the quiet one too", () => events.includes("changed /same"));
});

test("what was missed is told even when arming the watches fails half-way", async () => {
  await using server = await FakeZooKeeper.start();
  server.set("/a");
  await using opened = openClient(server.connectString);
  const events: string[] = [];
  using watcher = opened.client.watcher((event) => void events.push(event.type));
  await opened.client.getData("/a", watcher);
  await server.down();
  server.set("/a", "new");
  // The refusal speaks of the change already.
  server.failNext(-4, Op.setWatches);
  await server.up();
  await eventually("told", () => events.length > 0);
  assert.deepEqual(events, ["changed"]);
});

test("20,000 watches are armed again in packets that a server accepts", async () => {
  await using server = await FakeZooKeeper.start();
  server.set("/w");
  const paths = Array.from({ length: 20_000 }, (_, at) => `/w/${"node".repeat(10)}-${String(at).padStart(5, "0")}`);
  await using opened = openClient(server.connectString, { sessionTimeoutMs: 10_000 });
  using watcher = opened.client.watcher(() => undefined);
  for (let at = 0; at < paths.length; at += 5_000)
    await Promise.all(paths.slice(at, at + 5_000).map((path) => opened.client.exists(path, watcher)));
  assert.equal(server.watches, 20_000);
  server.cut();
  await eventually("all are armed", () => server.watches === 20_000, 10_000);
  const packets = server.requests.filter((each) => each.op === Op.setWatches);
  assert.ok(packets.length > 5 && packets.every((each) => each.bytes < 128 * 1024));
  assert.equal(server.accepted, 2);
});

test("a server that refuses what the client has seen is believed after a while, and a new session made", async () => {
  await using server = await FakeZooKeeper.start();
  for (let at = 0; at < 20; at++) server.set("/n", String(at));
  await using opened = openClient(server.connectString);
  const before = await opened.connected();
  await opened.client.getData("/n");
  const events: string[] = [];
  using watcher = opened.client.watcher((event) => void events.push(`${event.type} ${event.path}`));
  await opened.client.getData("/n", watcher);
  server.wipe();
  await eventually("a new session", () => opened.client.state.tag === "connected" && opened.client.state.renewed);
  assert.notEqual((await opened.connected()).sessionId, before.sessionId);
  await eventually("the watch is lost", () => events.includes("lost /n"));
  assert.ok(server.accepted <= 8, `${server.accepted} connections`);
  assert.equal(await opened.client.exists("/n"), undefined);
});

test("a refusal while servers elect a leader does not cost the session", async () => {
  await using server = await FakeZooKeeper.start();
  server.set("/n");
  await using opened = openClient(server.connectString, { sessionTimeoutMs: 20_000 });
  const before = await opened.connected();
  await opened.client.getData("/n");
  server.refuse();
  server.cut();
  const accepted = server.accepted;
  await eventually("many refusals", () => server.accepted > accepted + 5);
  server.refuse(false);
  assert.equal((await opened.connected()).sessionId, before.sessionId);
});

test("an older server's lack of an operation is learnt once, and nobody hears of the connection that it costs", async () => {
  await using server = await FakeZooKeeper.start();
  server.unsupported.add(Op.addWatch).add(Op.createContainer);
  await using opened = openClient(server.connectString);
  using watcher = opened.client.watcher(() => undefined);
  await assert.rejects(opened.client.addWatch("/", "recursive", watcher), hasCode("UNIMPLEMENTED"));
  await assert.rejects(opened.client.addWatch("/", "recursive", watcher), hasCode("UNIMPLEMENTED"));
  await assert.rejects(opened.client.create("/c", nothing, "container"), hasCode("UNIMPLEMENTED"));
  assert.equal(server.requests.filter((each) => each.op === Op.addWatch).length, 1);
  assert.deepEqual(new Set(opened.states.map((state) => state.tag)), new Set(["idle", "connecting", "connected"]));
  assert.ok(await opened.client.exists("/", watcher));
  watcher[Symbol.dispose]();
  await opened.client.sync("/");
  assert.equal(server.accepted, 3);
  assert.equal(server.sessions.length, 1);
});

test("a persistent watch that the next server does not know is told to be lost", async () => {
  await using server = await FakeZooKeeper.start();
  await using opened = openClient(server.connectString);
  const events: WatchEvent[] = [];
  using watcher = opened.client.watcher((event) => void events.push(event));
  await opened.client.addWatch("/", "recursive", watcher);
  server.unsupported.add(Op.setWatches2);
  server.cut();
  await eventually("told", () => events.length > 0);
  assert.deepEqual(events, [{ type: "lost", path: "/" }]);
});

test("credentials come first on every connection", async () => {
  await using server = await FakeZooKeeper.start();
  server.set("/a");
  const auth = [
    { scheme: "digest", value: new Secret("user:secret") },
    { scheme: "ip", value: async () => new Secret("127.0.0.1") },
  ];
  await using opened = openClient(server.connectString, { auth });
  using watcher = opened.client.watcher(() => undefined);
  await opened.client.getData("/a", watcher);
  server.cut();
  await eventually("the watch is armed again", () => server.requests.at(-1)?.op === Op.setWatches);
  const ops = server.requests.map((each) => each.op);
  assert.deepEqual(ops, [Op.auth, Op.auth, Op.getData, Op.auth, Op.auth, Op.setWatches]);
});

test("refused credentials are a state of their own, and are not tried again at once", async () => {
  await using server = await FakeZooKeeper.start();
  server.refusesAuth = true;
  await using opened = openClient(server.connectString, { auth: [{ scheme: "digest", value: new Secret("a:b") }] });
  const work = outcome(opened.client.exists("/"));
  const state = await opened.reach("auth_failed");
  assert.match(state.cause.message, /refuses the credentials of scheme digest/);
  assert.doesNotMatch(JSON.stringify(opened.log.lines), /a:b/);
  assert.equal(await work, "AUTH_FAILED");
  assert.equal(await outcome(opened.client.exists("/")), "AUTH_FAILED");
  await quietFor(300);
  assert.equal(server.accepted, 1);
});

test("a server without a quorum is used only by who asked for it", async () => {
  await using server = await FakeZooKeeper.start();
  server.readOnly = true;
  await using strict = openClient(server.connectString);
  await eventually("refused", () => {
    const { state } = strict.client;
    return state.tag === "connecting" && /is read-only/.test(state.cause?.message ?? "");
  });
  await using lax = openClient(server.connectString, { readOnly: true });
  assert.equal((await lax.connected()).readOnly, true);
});

test("a listener that throws harms nobody", async () => {
  await using server = await FakeZooKeeper.start();
  server.set("/a");
  await using opened = openClient(server.connectString);
  opened.client.onState(() => {
    throw new Error("of a state");
  });
  using bad = opened.client.watcher(() => {
    throw new Error("of a watch");
  });
  const events: string[] = [];
  using good = opened.client.watcher((event) => void events.push(event.type));
  await opened.client.getData("/a", bad);
  await opened.client.getData("/a", good);
  server.set("/a", "1");
  await eventually("told", () => events.length === 1);
  assert.ok(await opened.client.exists("/a"));
  assert.equal(server.accepted, 1);
  assert.ok(opened.log.lines.filter((line) => line.event === "bug").length >= 2);
});

test("closing is clean before the start, while connecting, while connected and while the server is frozen", async () => {
  await using server = await FakeZooKeeper.start();
  const world = openClient(server.connectString);
  await world.client.close();
  const { clock, log } = world;
  const never = new ZkClient(
    { connectString: "127.0.0.1:1", sessionTimeoutMs: 1_000 },
    {
      clock,
      log,
      dial: socketDialer,
      resolve: { addresses: () => Promise.reject(new Error("never asked")) },
      random: { next: Math.random },
    },
  );
  await never.close();
  assert.equal(never.state.tag, "closed");
  never.start();
  assert.equal(await outcome(never.exists("/")), "CLOSED");

  const connecting = openClient(server.connectString);
  const work = outcome(connecting.client.exists("/"));
  await connecting.client.close();
  assert.equal(await work, "CLOSED");

  const connected = openClient(server.connectString);
  await connected.connected();
  const last = outcome(connected.client.exists("/"));
  await Promise.all([connected.client.close(), connected.client.close()]);
  assert.equal(await last, "done");

  const frozen = openClient(server.connectString);
  await frozen.connected();
  server.stall();
  const lost = outcome(frozen.client.exists("/"));
  await frozen.client.close();
  assert.equal(await lost, "CLOSED");
  server.unstall();

  for (const each of [world, connecting, connected, frozen]) assert.equal(each.clock.waiting, 0);
  await eventually("no connection is left", () => server.connections === 0);
});

test("a server that comes back is found within a second", async () => {
  await using server = await FakeZooKeeper.start();
  await using opened = openClient(server.connectString, { sessionTimeoutMs: 10_000 });
  const before = await opened.connected();
  await server.down();
  await quietFor(3_000);
  await server.up();
  const begun = performance.now();
  const after = await opened.connected();
  assert.ok(performance.now() - begun < 1_100);
  assert.equal(after.sessionId, before.sessionId);
});

test("a server that drops every connection is not stormed", async () => {
  await using server = await FakeZooKeeper.start();
  await using opened = openClient(server.connectString);
  await opened.connected();
  const { accepted } = server;
  const end = performance.now() + 1_500;
  while (performance.now() < end) {
    await quietFor(10);
    server.cut();
  }
  assert.ok(server.accepted - accepted < 12, `${server.accepted - accepted} connections`);
});
