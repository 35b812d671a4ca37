import assert from "node:assert/strict";
import { test } from "node:test";
import { leaderNodes, leaderReader } from "../../../../namers/zookeeper/leader-reader.ts";

function readerWith() {
  const read = (nodes: Readonly<Record<string, string>>) =>
    leaderReader.read(
      new Map(Object.entries(nodes).map(([name, text]) => [name, leaderNodes.read(Buffer.from(text), name, "/group")])),
    );
  return { reader: leaderReader, read };
}

test("the leader is the member that was there first, by its name", () => {
  const { read } = readerWith();
  const { members, signs } = read({ member_0000000010: "b:2", member_0000000009: "a:1", member_0000000011: "c:3" });
  assert.deepEqual([...(members?.keys() ?? [])], ["a:1"]);
  assert.equal(signs, "all");
});

test("a leader may be at several places, parted by commas or blanks", () => {
  const { read } = readerWith();
  const { members } = read({ member_1: " a:1, b:2\n[fd00::1]:3  127.0.0.1:4 " });
  assert.deepEqual([...(members?.keys() ?? [])], ["a:1", "b:2", "[fd00::1]:3", "127.0.0.1:4"]);
});

test("a group without members has no leader, and that is no sign", () => {
  const { reader, read } = readerWith();
  for (const reading of [reader.read(undefined), read({})]) {
    assert.equal(reading.members, undefined);
    assert.deepEqual(reading.signs, new Set());
  }
});

test("a leader that does not say where it is leads nowhere, and nobody leads in its place", () => {
  const { read } = readerWith();
  for (const text of ["nonsense", "nonsense", "", "a:0", "a:b", ":1", "a:99999"]) {
    assert.throws(
      () => read({ member_1: text, member_2: "b:2" }),
      /^Error: the leader member_1 does not say where it is: "/,
    );
  }
  assert.deepEqual([...(read({ member_1: "a:1" }).members?.keys() ?? [])], ["a:1"]);
});

test("what can be read of a leader's places is used", () => {
  const { read } = readerWith();
  const { members, refused } = read({ member_1: "a:1,nonsense" });
  assert.deepEqual([...(members?.keys() ?? [])], ["a:1"]);
  assert.deepEqual(refused, new Map([["member_1", '"a:1,nonsense" is not a list of host:port']]));
});

test("only members are read", () => {
  const names = ["member_1", "vector_1", "sub"];
  assert.deepEqual(
    names.map((name) => leaderNodes.wants?.(name)),
    [true, false, false],
  );
});
