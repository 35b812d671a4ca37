/** Prefixes: which paths a dentry is about. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Path } from "../../../src/naming/path.ts";
import { Prefix, wildcard } from "../../../src/naming/prefix.ts";

test("a star must be a whole element", () => {
  assert.throws(() => Prefix.read("/foo/*bar"), { name: "ParseError", offset: 6 });
  assert.throws(() => Prefix.read("/foo/b*"), { name: "ParseError", offset: 6 });
  assert.deepEqual(Prefix.read("/*/b").elems, [wildcard, "b"]);
});

test("the empty prefix matches every path", () => {
  assert(Prefix.read("/").matches(Path.empty));
  assert(Prefix.read("/").matches(Path.read("/$/inet/80")));
});

test("a wildcard of a prefix stands for any one element, an escaped star for itself", () => {
  const prefix = Prefix.read("/a/*/c");
  assert.equal(prefix.show, "/a/*/c");
  assert(prefix.matches(Path.read("/a/b/c/d")));
  assert(!prefix.matches(Path.read("/a/b")));
  assert(!prefix.matches(Path.read("/a/b/d")));
  const star = Prefix.read("/\\x2a");
  assert.equal(star.show, "/\\x2a");
  assert(!star.matches(Path.read("/b")));
  assert(star.matches(Path.of("*")));
});
