import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { editDistance, nearest } from "../../../src/config/nearest.ts";

test("the nearest word is the one with the fewest slips", () => {
  assert.equal(nearest("prot", ["port", "ip", "label"]), "port");
  assert.equal(nearest("totaltimeoutms", ["totalTimeoutMs", "retries"]), "totalTimeoutMs");
  assert.equal(nearest("io.l5d.fss", ["io.l5d.fs", "io.l5d.curator"]), "io.l5d.fs");
});

test("a word that is far from all has no nearest one", () => {
  assert.equal(nearest("fooBar", ["port", "ip", "label"]), undefined);
  assert.equal(nearest("x", []), undefined);
});

test("a swap of neighbours is one slip", () => {
  assert.equal(editDistance("prot", "port"), 1);
  assert.equal(editDistance("abc", ""), 3);
});

test("distances are symmetric, and 0 only between equals", () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.equal(editDistance(a, b) === 0, a === b);
    }),
  );
});
