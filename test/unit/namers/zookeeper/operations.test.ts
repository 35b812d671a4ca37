import assert from "node:assert/strict";
import { test } from "node:test";
import { JuteReader, JuteWriter } from "../../../../namers/zookeeper/jute.ts";
import { type CreateMode, createOperation, readData, writeCreate } from "../../../../namers/zookeeper/operations.ts";
import { isZkError } from "../../../../namers/zookeeper/zk-error.ts";

const stat = Buffer.alloc(68);

test("each kind of node has its operation and flags, and anyone may use it unless said otherwise", () => {
  const table: [CreateMode, number | undefined, number, number][] = [
    ["persistent", undefined, 1, 0],
    ["ephemeral", undefined, 1, 1],
    ["persistent_sequential", undefined, 1, 2],
    ["ephemeral_sequential", undefined, 1, 3],
    ["container", undefined, 19, 4],
    ["persistent", 7, 21, 5],
    ["persistent_sequential", 7, 21, 6],
  ];
  for (const [mode, ttlMs, operation, flags] of table) {
    const options = ttlMs === undefined ? {} : { ttlMs };
    assert.equal(createOperation(mode, options), operation, mode);
    const writer = new JuteWriter();
    writeCreate(writer, "/a", Buffer.from("x"), mode, options);
    const reader = new JuteReader(writer.done());
    assert.deepEqual([reader.string(), reader.buffer()?.toString()], ["/a", "x"]);
    assert.deepEqual(
      reader.vector(() => [reader.int(), reader.string(), reader.string()]),
      [[31, "world", "anyone"]],
    );
    assert.equal(reader.int(), flags);
    if (ttlMs !== undefined) assert.equal(reader.long(), 7n);
    assert.equal(reader.remaining, 0);
  }
});

test("an ephemeral node has no time to live", () => {
  const write = (): void => writeCreate(new JuteWriter(), "/a", Buffer.alloc(0), "ephemeral", { ttlMs: 1 });
  assert.throws(write, (error) => isZkError(error, "BAD_ARGUMENTS"));
});

test("a node without data reads as empty", () => {
  const bytes = Buffer.concat([new JuteWriter().int(-1).done(), stat]);
  assert.equal(readData(new JuteReader(bytes)).data.length, 0);
});
