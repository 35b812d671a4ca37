/** Paths: reading, showing, cutting. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ParseError } from "../../../src/naming/parser.ts";
import { Path } from "../../../src/naming/path.ts";

test("a path is its elements, and shows as it reads", () => {
  const path = Path.read("  /svc/web:80/$%#.-_ # comment");
  assert.deepEqual(path.elems, ["svc", "web:80", "$%#.-_"]);
  assert.equal(path.show, "/svc/web:80/$%#.-_");
  assert.equal(Path.read("/").show, "/");
  assert.equal(Path.read("/").size, 0);
});

test("an escape is one byte, and a byte that cannot stand for itself escapes its whole element", () => {
  assert(Path.read("/\\x66\\x6f\\x6F").equals(Path.of("foo")));
  assert.equal(Path.of("a b", "c").show, "/\\x61\\x20\\x62/c");
  assert.equal(Path.of("a/b").show, "/\\x61\\x2f\\x62");
  assert.equal(Path.of("€").show, "/\\xe2\\x82\\xac");
});

test("a mistake is marked where it is", () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ["/foo^bar", "end of input expected but '^' found at '/foo[^]bar'", 4],
    ["/foo/bar/", "label char expected but end of input found at '/foo/bar/[]'", 9],
    ["invalid-param", "'/' expected but 'i' found at '[i]nvalid-param'", 0],
    ["", "'/' expected but end of input found at '[]'", 0],
    ["/\\?", "'x' expected but '?' found at '/\\[?]'", 2],
    ["/\\x0?", "hex char expected but '?' found at '/\\x0[?]'", 4],
    ["/\\x", "hex char expected but end of input found at '/\\x[]'", 3],
    ["/{}", "end of input expected but '{' found at '/[{]}'", 1],
  ];
  for (const [input, message, offset] of cases) {
    assert.throws(() => Path.read(input), { name: "ParseError", message, offset, input });
  }
});

test("the message of a long mistake stays short", () => {
  const mistake = assertThrows(() => Path.read(`/${"a".repeat(100_000)}^`));
  assert(mistake.message.length < 1_000);
  assert.equal(mistake.offset, 100_001);
});

function assertThrows(fn: () => void): ParseError {
  try {
    fn();
  } catch (error) {
    assert(error instanceof ParseError);
    return error;
  }
  return assert.fail("nothing was thrown");
}

test("an element cannot be empty", () => {
  assert.throws(() => Path.of("a", ""), RangeError);
  assert.throws(() => Path.read("/foo//bar"), ParseError);
});

test("paths are cut, joined and compared by element", () => {
  const path = Path.read("/a/b/c");
  assert.equal(path.drop(1).show, "/b/c");
  assert.equal(path.drop(9), Path.empty);
  assert.equal(path.drop(0), path);
  assert.equal(path.take(2).show, "/a/b");
  assert.equal(path.take(3), path);
  assert.equal(path.take(0), Path.empty);
  assert.equal(Path.of("a").concat(Path.of("b", "c")).show, "/a/b/c");
  assert(path.startsWith(Path.of("a", "b")));
  assert(path.startsWith(Path.empty));
  assert(!path.startsWith(Path.of("b")));
  assert(!Path.of("a").startsWith(path));
  assert(path.equals(Path.of("a", "b", "c")));
  assert(!path.equals(Path.of("a", "b")));
  assert(!Path.of("A").equals(Path.of("a")));
});
