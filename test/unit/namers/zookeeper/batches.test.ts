import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteAll, inBatches } from "../../../../namers/zookeeper/batches.ts";
import { Op } from "../../../../namers/zookeeper/records.ts";
import { FakeZooKeeper } from "../../../fakes/zookeeper.ts";
import { openClient } from "../../../fakes/zookeeper-client.ts";

test("batches keep the order, and none has more than 128 KB", () => {
  const items = Array.from({ length: 1_000 }, (_, n) => n);
  const batches = inBatches(items, () => 1_000);
  assert.deepEqual(batches.flat(), items);
  for (const batch of batches) assert.ok(batch.length * 1_100 <= 128 * 1024);
  assert.deepEqual(
    inBatches([1], () => 1e9),
    [[1]],
  );
  assert.deepEqual(
    inBatches([], () => 1),
    [],
  );
});

test("what is not there counts as deleted, and what cannot be deleted is told apart", async () => {
  await using server = await FakeZooKeeper.start();
  await using open = openClient(server.connectString);
  for (const path of ["/a/1", "/a/2", "/a/full/child"]) server.set(path);
  const outcomes = await deleteAll(open.client, ["/a/1", "/a/gone", "/a/full", "/a/2"]);
  assert.deepEqual(
    outcomes.map((outcome) => ("error" in outcome ? (outcome.error as { readonly code?: string }).code : "done")),
    ["done", "done", "NOT_EMPTY", "done"],
  );
  assert.deepEqual(server.children("/a"), ["full"]);
});

test("hundreds are deleted in a few transactions", async () => {
  await using server = await FakeZooKeeper.start();
  await using open = openClient(server.connectString);
  const paths = Array.from({ length: 600 }, (_, n) => `/a/${n}`);
  for (const path of paths) server.set(path);
  await deleteAll(open.client, paths);
  assert.deepEqual(server.children("/a"), []);
  const writes = server.requests.filter(({ op }) => op === Op.multi || op === Op.delete);
  assert.equal(writes.length, 3);
  for (const { bytes } of writes) assert.ok(bytes < 128 * 1024);
});
