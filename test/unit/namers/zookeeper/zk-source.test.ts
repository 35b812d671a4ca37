import assert from "node:assert/strict";
import { test } from "node:test";
import { ZkSource } from "../../../../namers/zookeeper/zk-source.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeZooKeeper } from "../../../fakes/zookeeper.ts";

test("a source says in one sentence which servers it cannot read, and why", async () => {
  await using source = new ZkSource({ connectString: "127.0.0.1:1/chroot", sessionTimeoutMs: 1_000 }, testContext());
  const causes: string[] = [];
  const { client, troubleIn } = source.world;
  using listening = client.onState((state) => {
    const trouble = troubleIn(state);
    if (trouble) causes.push(trouble.message);
    assert.equal(troubleIn(state), trouble);
  });
  await eventually("a cause", () => causes.length > 0);
  assert.equal(causes[0], "ZooKeeper at 127.0.0.1:1/chroot cannot be read: connect ECONNREFUSED 127.0.0.1:1");
  assert.ok(listening);
});

test("a source connects when it is first asked for its world, and not before", async () => {
  await using server = await FakeZooKeeper.start();
  await using source = new ZkSource({ connectString: server.connectString, sessionTimeoutMs: 1_000 }, testContext());
  assert.equal(server.accepted, 0);
  assert.equal(await source.world.client.exists("/nothing"), undefined);
  assert.equal(server.accepted, 1);
});
