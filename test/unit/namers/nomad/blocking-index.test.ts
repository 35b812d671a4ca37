import assert from "node:assert/strict";
import { test } from "node:test";
import { nextIndex, readIndex } from "../../../../namers/nomad/blocking-index.ts";

test("an index is a whole number above 0, and everything else is none", () => {
  assert.equal(readIndex("17"), 17);
  for (const header of [undefined, "", "0", "-1", "1.5", "abc", "1e3", "9".repeat(20)]) {
    assert.equal(readIndex(header), undefined, String(header));
  }
});

test("an index that goes backwards begins anew", () => {
  assert.equal(nextIndex(undefined, 5), 5);
  assert.equal(nextIndex(5, 7), 7);
  assert.equal(nextIndex(5, 5), 5);
  assert.equal(nextIndex(5, 4), undefined);
  assert.equal(nextIndex(5, undefined), undefined);
});
