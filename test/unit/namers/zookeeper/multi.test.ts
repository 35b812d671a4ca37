import assert from "node:assert/strict";
import { test } from "node:test";
import { JuteReader, JuteWriter } from "../../../../namers/zookeeper/jute.ts";
import { type MultiOperation, readMulti, ZkMultiError } from "../../../../namers/zookeeper/multi.ts";

const operations: MultiOperation[] = [
  { kind: "delete", path: "/a" },
  { kind: "create", path: "/b", data: Buffer.alloc(0) },
  { kind: "check", path: "/c", version: 1 },
];
const same = (path: string): string => path;

test("a multi that failed names the operation that was the obstacle, not those that fell with it", () => {
  const writer = new JuteWriter();
  for (const error of [0, -110, -2]) writer.int(-1).boolean(false).int(error).int(error);
  writer.int(-1).boolean(true).int(-1);
  assert.throws(
    () => readMulti(new JuteReader(writer.done()), operations, same),
    (error) => {
      assert.ok(error instanceof ZkMultiError);
      assert.deepEqual([error.at, error.code], [1, "NODE_EXISTS"]);
      assert.match(error.message, /operation 1 of a multi: NODE_EXISTS: create \/b/);
      return true;
    },
  );
});

test("a multi that was done gives a result for each operation", () => {
  const writer = new JuteWriter().int(2).boolean(false).int(0).int(1).boolean(false).int(0).string("/b");
  writer.int(13).boolean(false).int(0).int(-1).boolean(true).int(-1);
  assert.deepEqual(readMulti(new JuteReader(writer.done()), operations, same), [{}, { path: "/b" }, {}]);
});
