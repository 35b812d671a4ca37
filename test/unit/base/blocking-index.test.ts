import assert from "node:assert/strict";
import { test } from "node:test";
import { type BlockingIndex, isBefore, nextIndex, readIndex } from "../../../src/base/blocking-index.ts";

const at = (value: number, era = 1): BlockingIndex => ({ value, era });

for (const header of [undefined, "", "0", "-1", "1.5", "abc", "1e3", "9999999999999999", "9".repeat(20)]) {
  test(`an index of ${JSON.stringify(header)} is none`, () => assert.equal(readIndex(header, 1), undefined));
}

test("a whole number above 0 is an index, and is of the connections that there were", () => {
  assert.deepEqual(readIndex("4711", 3), { value: 4711, era: 3 });
});

test("an index that is the same or beyond is waited for, and one that went backwards begins anew", () => {
  assert.deepEqual(nextIndex(at(5), at(5)), at(5));
  assert.deepEqual(nextIndex(at(5), at(6)), at(6));
  assert.equal(nextIndex(at(5), at(4)), undefined);
  assert.equal(nextIndex(at(5), undefined), undefined);
  assert.deepEqual(nextIndex(undefined, at(3)), at(3));
});

test("servers began anew when their index is before the one that they had answered, and not when one of them is none", () => {
  assert.ok(isBefore(at(4), at(5)));
  assert.ok(isBefore(at(4, 2), at(5, 1)));
  for (const [index, before] of [
    [at(5), at(5)],
    [at(6), at(5)],
    [undefined, at(5)],
    [at(4), undefined],
  ] as const) {
    assert.ok(!isBefore(index, before));
  }
});
