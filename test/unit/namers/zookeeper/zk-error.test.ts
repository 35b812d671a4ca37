import assert from "node:assert/strict";
import { test } from "node:test";
import { isZkError, ZkError, zkErrorOf } from "../../../../namers/zookeeper/zk-error.ts";

test("a server's number becomes a code, and one that is not ours keeps its number", () => {
  assert.equal(zkErrorOf(-101, "x").code, "NO_NODE");
  assert.equal(zkErrorOf(-6, "x").code, "UNIMPLEMENTED");
  const unknown = zkErrorOf(-777, "getData /a");
  assert.deepEqual([unknown.code, unknown.number], ["UNKNOWN", -777]);
  assert.match(unknown.message, /error -777: getData \/a/);
});

test("an error made here has ZooKeeper's number where there is one", () => {
  assert.equal(new ZkError("CONNECTION_LOSS", "x").number, -4);
  assert.equal(new ZkError("QUEUE_FULL", "x").number, 0);
  assert.equal(isZkError(new ZkError("CLOSED", "x"), "CLOSED"), true);
  assert.equal(isZkError(new Error("CLOSED"), "CLOSED"), false);
});
