import assert from "node:assert/strict";
import { test } from "node:test";
import { sharesOf } from "../../../../namers/dns-srv/weights.ts";

test("weights that are all alike are no weights", () => {
  assert.deepEqual(sharesOf([0, 0, 0]), [1, 1, 1]);
  assert.deepEqual(sharesOf([7, 7]), [1, 1]);
  assert.deepEqual(sharesOf([]), []);
});

test("records of weight 0 together get one part beside the sum of the others", () => {
  assert.deepEqual(sharesOf([3, 1]), [3, 1]);
  assert.deepEqual(sharesOf([60, 0, 20, 0]), [60, 0.5, 20, 0.5]);
});
