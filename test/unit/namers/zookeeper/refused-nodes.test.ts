import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusedNodes } from "../../../../namers/zookeeper/refused-nodes.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";

function refusedNodes() {
  const log = new RecordingLog();
  const count = { value: 0 };
  const told = (): number => log.told("instance.refused").length;
  return { refused: new RefusedNodes("/users", log, count), count, told };
}

test("a node that cannot be read is told and counted once for each reason", () => {
  const { refused, count, told } = refusedNodes();
  for (const reason of ["it is empty", "it is empty", "no port"]) refused.refuse("a", new Error(reason));
  assert.equal(told(), 2);
  assert.equal(count.value, 2);
});

test("a node that was good in between, or was away, is told again", () => {
  const { refused, told } = refusedNodes();
  refused.refuse("a", new Error("it is empty"));
  refused.accept("a");
  refused.refuse("a", new Error("it is empty"));
  assert.equal(told(), 2);
  refused.keep(new Map([["a", Buffer.alloc(0)]]));
  refused.refuse("a", new Error("it is empty"));
  assert.equal(told(), 2);
  refused.keep(undefined);
  refused.refuse("a", new Error("it is empty"));
  assert.equal(told(), 3);
});
