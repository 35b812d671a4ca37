/** Name trees: showing, simplifying, evaluating. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as tree from "../../../src/naming/name-tree.ts";
import { readTree } from "../../../src/naming/parser.ts";
import type { Path } from "../../../src/naming/path.ts";

const show = (path: Path): string => path.show;
const evaluated = (text: string): string[] | undefined => {
  const set = tree.evaluate(readTree(text), show);
  return set && [...set.keys()].sort();
};

test("a weight shows with two decimals, or as many as it takes", () => {
  const shown = { 0.5: "0.50", 2: "2.00", 0.001: "0.001", 0: "0.00", 1.005: "1.005", 1e-7: "0.0000001" };
  for (const [weight, text] of Object.entries(shown)) assert.equal(tree.showNumber(Number(weight)), text);
  for (const weight of [1e21, 1.5e300, 5e-324, 0.1 + 0.2]) {
    assert.match(tree.showNumber(weight), /^[0-9]+\.[0-9]+$/);
    assert.equal(Number(tree.showNumber(weight)), weight);
  }
});

test("parentheses are written where they are needed, and lists of one are that one", () => {
  const shown = (text: string): string => tree.showTree(readTree(text));
  assert.equal(shown("/a&/b|/c"), "/a & /b | /c");
  assert.equal(shown("(/a|/b)&/c"), "(/a | /b) & /c");
  assert.equal(shown("(/a&/b)&/c"), "(/a & /b) & /c");
  assert.equal(shown("/a|(/b|!)"), "/a | (/b | !)");
  assert.equal(shown("0.3 * /a"), "/a");
  assert.equal(shown("0.25*/a & ~"), "0.25*/a & ~");
  assert.equal(tree.showTree(tree.alt([])), "~");
  assert.equal(tree.showTree(tree.union([{ weight: 3, tree: tree.leaf("x") }])), "x");
});

test("simplify drops what cannot matter", () => {
  const simple = (text: string): string => tree.showTree(tree.simplify(readTree(text)));
  assert.equal(simple("~ | /a | ~ | /b"), "/a | /b");
  assert.equal(simple("/a | ! | /b"), "/a | !");
  assert.equal(simple("/a & ~ & !"), "/a");
  assert.equal(simple("/a & $"), "/a & $");
  assert.equal(simple("(~ | ~) | (~ & !)"), "~");
});

test("a union of one is that one, even when that is fail", () => {
  assert.equal(tree.simplify(tree.union([{ weight: 2, tree: tree.fail }])), tree.fail);
  assert.equal(tree.simplify(readTree("! & !")), tree.neg);
});

test("a tree stands for the set of its reachable leaves, or for nothing", () => {
  assert.equal(evaluated("~"), undefined);
  assert.deepEqual(evaluated("/ok & /ok1"), ["/ok", "/ok1"]);
  assert.deepEqual(evaluated("/ok & ~ & /blah & $"), ["/blah", "/ok"]);
  assert.deepEqual(evaluated("$ & $ & $"), []);
  assert.equal(evaluated("~ & ~ & (~ | ~)"), undefined);
  assert.deepEqual(evaluated("~ | /foo | /bar"), ["/foo"]);
  assert.deepEqual(evaluated("~ | $ | /blah"), []);
  assert.deepEqual(evaluated("~ | (~ | $) | /blah"), []);
  assert.deepEqual(evaluated("(~|$|/foo) & (/bar|/blah) & ~ & /FOO"), ["/FOO", "/bar"]);
  assert.equal(evaluated("! | /ok"), undefined);
  assert.deepEqual(evaluated("/ok & !"), ["/ok"]);
  assert.equal(evaluated("! & ! & !"), undefined);
  assert.deepEqual(evaluated("~ | /ok | !"), ["/ok"]);
});

test("trees are equal by shape, weight and leaf", () => {
  const same = (a: string, b: string): boolean => tree.treeEquals(readTree(a), readTree(b), (x, y) => x.equals(y));
  assert(same("/a & 2*/b | $", "/a & 2 * /b | $"));
  for (const other of ["/a & 3*/b | $", "/a & 2*/c | $", "/a & 2*/b", "/a & 2*/b | !", "/a & 2*/b | $ | $", "/a"]) {
    assert(!same("/a & 2*/b | $", other), other);
    assert(!same(other, "/a & 2*/b | $"), other);
  }
});

test("leaves are mapped in place and listed left to right", () => {
  const mapped = tree.mapLeaves(readTree("/a & 2*/b | !"), (path) => path.size);
  assert.equal(tree.showTree(mapped), "1 & 2.00*1 | !");
  assert.deepEqual(tree.leaves(readTree("/a & (/b | ! | /c)")).map(show), ["/a", "/b", "/c"]);
});
