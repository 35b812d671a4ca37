/** Dtabs: one step of delegation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Dtab } from "../../../src/naming/dtab.ts";
import { showTree } from "../../../src/naming/name-tree.ts";
import { Path } from "../../../src/naming/path.ts";

const lookup = (dtab: string, path: string): string => showTree(Dtab.read(dtab).lookup(Path.read(path)));

test("later dentries win, and earlier ones are their fallback", () => {
  assert.equal(lookup("/foo=>/a; /foo=>/b", "/foo/x"), "/b/x | /a/x");
  assert.equal(lookup("/foo=>/a; /foo/x=>/b; /bar=>/c", "/foo/x/y"), "/b/y | /a/x/y");
  assert.equal(lookup("", "/foo"), "~");
  assert.equal(lookup("/foo=>/a", "/fo"), "~");
  assert.equal(lookup("/foo=>/a", "/FOO"), "~");
});

test("what a wildcard matched is dropped", () => {
  assert.equal(lookup("/a/*/c => /d", "/a/b/c/e/f"), "/d/e/f");
  assert.equal(lookup("/a/*/b => /c; /a/x => /d", "/a/x/b/r"), "/d/b/r | /c/r");
  assert.equal(lookup("/* => /all; / => /root", "/x"), "/root/x | /all");
});

test("each leaf is followed by the rest of the path", () => {
  assert.equal(lookup("/a => 0.5*/b & /c | ! | $", "/a/r"), "0.50*/b/r & /c/r | ! | $");
});

test("a lookup in thousands of dentries finds the same as one by one", () => {
  const text = Array.from({ length: 2_000 }, (_, at) => `/svc/s${at % 1_000}=>/host/${at};`).join("") + "/svc=>/d";
  const dtab = Dtab.read(text);
  assert.equal(dtab.size, 2_001);
  assert.equal(showTree(dtab.lookup(Path.read("/svc/s7/x"))), "/d/s7/x | /host/1007/x | /host/7/x");
  assert.equal(showTree(dtab.lookup(Path.read("/svc/none"))), "/d/none");
});

test("a dtab shows as it reads, and is laid over another by concat", () => {
  const dtab = Dtab.read("/a => /b ;\n /c/* => 0.25 * ~ & ! ; ");
  assert.equal(dtab.show, "/a=>/b;/c/*=>0.25*~ & !");
  assert(Dtab.read(dtab.show).equals(dtab));
  const both = dtab.concat(Dtab.read("/a=>/z"));
  assert.equal(showTree(both.lookup(Path.read("/a"))), "/z | /b");
  assert.equal(dtab.concat(Dtab.empty), dtab);
  assert.equal(Dtab.empty.concat(dtab), dtab);
  assert(!dtab.equals(both));
  assert(!Dtab.read("/a=>/b").equals(Dtab.read("/a=>/c")));
  assert.equal(Dtab.read(" # nothing "), Dtab.empty);
});
