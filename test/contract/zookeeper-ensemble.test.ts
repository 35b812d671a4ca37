/** How the ZooKeeper client moves between the servers of an ensemble, and lives with those that have no quorum. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resolver } from "linkspan/plugin";
import { Op } from "../../namers/zookeeper/records.ts";
import { eventually, quietFor } from "../../src/testing/eventually.ts";
import { socketDialer } from "../../src/testing/plugin-context.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { openClient } from "../fakes/zookeeper-client.ts";

/** Which addresses were called, in order; only the last of them is the server's. */
function manyAddresses(port: number, addresses: readonly string[]) {
  const called: string[] = [];
  const resolve: Resolver = { addresses: async () => ({ addresses: [...addresses].reverse(), ttlMs: 1_000 }) };
  const dial: typeof socketDialer = {
    connect(host, _port, options, signal) {
      called.push(host);
      if (host !== addresses.at(-1)) return Promise.reject(new Error(`connect ${host} EHOSTUNREACH`));
      return socketDialer.connect("127.0.0.1", port, options, signal);
    },
  };
  return { called, resolve, dial };
}

test("every address of a name is tried, each in its turn", async () => {
  await using server = await FakeZooKeeper.start();
  const { called, ...world } = manyAddresses(server.port, ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  await using opened = openClient("zk.example:2181", { sessionTimeoutMs: 3_000 }, world);
  await opened.connected();
  assert.ok(called.length <= 3, called.join());
  assert.equal(new Set(called).size, called.length);
});

test("a server that is lost is left for another with the session, at once", async () => {
  await using first = await FakeZooKeeper.start();
  await using second = await FakeZooKeeper.start();
  const both = `${first.connectString},${second.connectString}`;
  await using opened = openClient(both, { sessionTimeoutMs: 3_000 });
  const { server } = await opened.connected();
  const [lost, other] = server === first.connectString ? [first, second] : [second, first];
  other.adopt(lost);
  const begun = performance.now();
  await lost.down();
  await eventually("moved", () => opened.client.state.tag === "connected" && opened.client.state.server !== server);
  assert.ok(performance.now() - begun < 500);
  assert.equal((await opened.connected()).renewed, false);
});

test("a server without a quorum is left as soon as one is found that has it, and for a session of its own", async () => {
  await using poor = await FakeZooKeeper.start();
  poor.readOnly = true;
  poor.set("/a", "old");
  await using rich = await FakeZooKeeper.start();
  await rich.down();
  const both = `${poor.connectString},${rich.connectString}`;
  await using opened = openClient(both, { sessionTimeoutMs: 3_000, readOnly: true });
  const before = await opened.connected();
  assert.equal(before.readOnly, true);
  assert.equal((await opened.client.getData("/a")).data.toString(), "old");
  await rich.up();
  for (let at = 0; at < 20; at++) rich.set("/a", `new ${at}`);
  await eventually("moved", () => opened.client.state.tag === "connected" && !opened.client.state.readOnly);
  const after = await opened.connected();
  assert.equal(after.server, rich.connectString);
  assert.equal(after.renewed, true);
  assert.equal((await opened.client.getData("/a")).data.toString(), "new 19");
  assert.equal(opened.states.filter((state) => state.tag === "expired").length, 1);
});

test("while no server has a quorum, the one that serves is kept, and the others are asked now and then", async () => {
  await using poor = await FakeZooKeeper.start();
  poor.readOnly = true;
  await using opened = openClient(poor.connectString, { sessionTimeoutMs: 3_000, readOnly: true });
  await opened.connected();
  const { accepted } = poor;
  await quietFor(1_000);
  const asked = poor.accepted - accepted;
  assert.ok(asked >= 1 && asked <= 6, `asked ${asked} times`);
  assert.deepEqual(
    opened.states.map((state) => state.tag),
    ["idle", "connecting", "connected"],
  );
  await opened.client.close();
  assert.equal(opened.clock.waiting, 0);
});

test("a session that others know outlives the time at a server without a quorum", async () => {
  await using poor = await FakeZooKeeper.start();
  poor.readOnly = true;
  await using rich = await FakeZooKeeper.start();
  const servers = `${poor.connectString},${rich.connectString}`;
  await poor.down();
  await using opened = openClient(servers, { sessionTimeoutMs: 10_000, readOnly: true });
  const before = await opened.connected();
  poor.adopt(rich);
  await poor.up();
  await rich.down();
  await eventually("read-only", () => opened.client.state.tag === "connected" && opened.client.state.readOnly);
  await rich.up();
  await eventually("back", () => opened.client.state.tag === "connected" && !opened.client.state.readOnly);
  assert.equal((await opened.connected()).sessionId, before.sessionId);
  assert.equal(rich.requests.filter((each) => each.op === Op.closeSession).length, 0);
});
