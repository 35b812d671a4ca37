import assert from "node:assert/strict";
import { test } from "node:test";
import { elementOf, nodeNameOf, nodePathOf, validPath } from "../../../../namers/zookeeper/node-names.ts";
import { Path } from "../../../../src/naming/path.ts";

test("a node's name survives as an element of a path, whatever its letters", () => {
  for (const name of ["users", "größe", "日本", "a b", "😀"]) {
    assert.equal(nodeNameOf(elementOf(name)), name);
    assert.equal(nodePathOf(Path.of("base", elementOf(name))), name === "😀" ? undefined : `/base/${name}`);
  }
});

test("the empty path is the root", () => assert.equal(nodePathOf(Path.empty), "/"));

test("what no node can be named is no path of a node", () => {
  for (const odd of [".", "..", "a/b", "a\0b", "\x1f", "\xff"])
    assert.equal(nodePathOf(Path.of("base", odd)), undefined);
  assert.equal(validPath("/a//b"), undefined);
  assert.equal(validPath("/a/b"), "/a/b");
});
