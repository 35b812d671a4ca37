/** The parser: what it takes, what it refuses, and where it says things are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { showTree } from "../../../src/naming/name-tree.ts";
import { MAX_NESTING, ParseError, readDentries, readDentry, readTree } from "../../../src/naming/parser.ts";

test("weights bind tighter than &, and & tighter than |", () => {
  const parsed = readTree("1 * /foo & 2 * /bar | .5 * /bar & 5. * /baz");
  assert.equal(showTree(parsed), "/foo & 2.00*/bar | 0.50*/bar & 5.00*/baz");
  assert.equal(parsed.tag, "alt");
});

test("a comment begins only where white space may", () => {
  assert.equal(showTree(readTree("$#x")), "$");
  assert.equal(showTree(readTree("/a | #/b\n /c")), "/a | /c");
  assert.equal(showTree(readTree("/foo#bar")), "/foo#bar");
  assert.equal(showTree(readTree("/#foo")), "/#foo");
});

test("what Finagle refuses is refused", () => {
  const refused = [
    "",
    "#",
    "/foo &",
    "/foo & 0.1.2 * /bar",
    "/foo & . * /bar",
    "0.5 * 0.5 * /a",
    "-1 * /a",
    "1e3 * /a",
    "(/a",
  ];
  for (const text of [...refused, "/a)", "/a /b", "()"]) assert.throws(() => readTree(text), ParseError, text);
  for (const text of ["/foo/*bar/baz => !", "/&!", "/a = > /b", "/a"]) {
    assert.throws(() => readDentry(text), ParseError, text);
  }
  for (const text of [";", ";;", "/a=>/b;;", "/a=>/b /c=>/d"])
    assert.throws(() => readDentries(text), ParseError, text);
});

test("a weight that no number can hold is refused", () => {
  assert.throws(() => readTree(`${"9".repeat(400)} * /a & /b`), { name: "ParseError", offset: 0, expected: "weight" });
});

test("a dtab may be empty, and may end with a semicolon and a comment", () => {
  for (const text of ["", "  \n", "# nothing", "# a\n# b\n"]) assert.equal(readDentries(text).length, 0);
  for (const text of ["/a=>/b", "/a=>/b;", " /a => /b ; # end\n "]) assert.equal(readDentries(text).length, 1);
});

test("a dentry knows where it stands in the text", () => {
  const text = "# first\n/a => /b | /c ;\n  /d/* => ! ;";
  const [first, second] = readDentries(text);
  const at = (dentry: typeof first): string => text.slice(dentry?.at?.start, dentry?.at?.end);
  assert.equal(at(first), "/a => /b | /c");
  assert.equal(first?.at?.start, 8);
  assert.equal(at(second), "/d/* => !");
});

test("nesting without end is one error, not an exhausted stack", () => {
  const nested = (depth: number): string => "(".repeat(depth) + "/a" + ")".repeat(depth);
  assert.equal(showTree(readTree(nested(MAX_NESTING))), "/a");
  assert.throws(() => readTree(nested(MAX_NESTING + 1)), { name: "ParseError", offset: MAX_NESTING });
  assert.throws(() => readTree("(".repeat(1_000_000)), ParseError);
});

test("dentries that lead to the same place share it", () => {
  const [first, second, third] = readDentries("/a => /x/y ; /b => 2 * /x/y & /z ; /c => /x/y/z");
  assert.ok(first !== undefined && second?.dst.tag === "union" && third !== undefined);
  assert.equal(second.dst.branches[0]?.tree, first.dst);
  assert.notEqual(third.dst, first.dst);
});
