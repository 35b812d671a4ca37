import assert from "node:assert/strict";
import { test } from "node:test";
import { isBefore, nextIndex, readIndex } from "../../../../namers/consul/blocking-index.ts";

for (const header of [undefined, "", "0", "-1", "1.5", "abc", "1e3", "99999999999999999"]) {
  test(`an index of ${JSON.stringify(header)} is none`, () => assert.equal(readIndex(header), undefined));
}

test("a whole number above 0 is an index", () => assert.equal(readIndex("4711"), 4711));

test("an index that is the same or beyond is waited for, and one that went backwards begins anew", () => {
  assert.equal(nextIndex(5, 5), 5);
  assert.equal(nextIndex(5, 6), 6);
  assert.equal(nextIndex(5, 4), undefined);
  assert.equal(nextIndex(5, undefined), undefined);
  assert.equal(nextIndex(undefined, 3), 3);
});

test("a server began anew when its index is before the one that it had answered, and not when one of them is none", () => {
  assert.ok(isBefore(4, 5));
  for (const [index, before] of [
    [5, 5],
    [6, 5],
    [undefined, 5],
    [4, undefined],
  ] as const) {
    assert.ok(!isBefore(index, before));
  }
});
