/** What stands under prefixes, found by paths. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Path } from "../../../src/naming/path.ts";
import { PrefixTree } from "../../../src/naming/prefix-tree.ts";
import { Prefix } from "../../../src/naming/prefix.ts";

function treeOf(prefixes: readonly string[]): PrefixTree<string> {
  const tree = new PrefixTree<string>();
  for (const prefix of prefixes) tree.add(Prefix.read(prefix), prefix);
  return tree;
}

const prefixes = ["/", "/a", "/a/b", "/a/*", "/a/*/c", "/*", "/b/c"];
const tree = treeOf(prefixes);

test("a path finds what stands under every prefix that matches it, and nothing else", () => {
  for (const path of ["/", "/a", "/a/b", "/a/x/c/d", "/b", "/b/c/d", "/x/y"].map((each) => Path.read(each))) {
    const expected = prefixes.filter((prefix) => Prefix.read(prefix).matches(path));
    assert.deepEqual(tree.matching(path).toSorted(), expected.toSorted(), path.show);
  }
});

test("the beginning of paths finds what stands under prefixes that go on from there", () => {
  assert.deepEqual(tree.below(Path.read("/a/b")).toSorted(), ["/a/*", "/a/*/c", "/a/b"]);
  assert.deepEqual(tree.below(Path.read("/x/y")), []);
  assert.deepEqual(tree.below(Path.empty).toSorted(), prefixes.toSorted());
});

test("a prefix is covered by one that matches all of its paths, and a wildcard by none with an element in its place", () => {
  const covering = (by: readonly string[], prefix: string) => treeOf(by).covering(Prefix.read(prefix));
  assert.equal(covering(["/a/*"], "/a/b"), "/a/*");
  assert.equal(covering(["/a"], "/a/b/c"), "/a");
  assert.equal(covering(["/a/b"], "/a/*"), undefined);
  assert.equal(covering(["/a/*"], "/a/*/c"), "/a/*");
  assert.equal(covering(["/a/b/c"], "/a/b"), undefined);
});

test("many may stand under one prefix, and what was put there last covers", () => {
  const same = new PrefixTree<number>();
  for (const at of [1, 2, 3]) same.add(Prefix.read("/a"), at);
  assert.deepEqual(same.matching(Path.read("/a/b")), [1, 2, 3]);
  assert.equal(same.covering(Prefix.read("/a")), 3);
});
