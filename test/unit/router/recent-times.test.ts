import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentTimes } from "../../../src/router/recent-times.ts";

test("nothing is said before twenty were seen, and then the time that the share stayed below", () => {
  const times = new RecentTimes(0.95);
  for (let ms = 1; ms < 20; ms++) times.add(ms);
  assert.equal(times.value, undefined);
  times.add(20);
  assert.equal(times.value, 19);
});

test("only the last 256 count", () => {
  const times = new RecentTimes(0.5);
  for (let n = 0; n < 256; n++) times.add(1000);
  assert.equal(times.value, 1000);
  for (let n = 0; n < 256; n++) times.add(n);
  assert.equal(times.value, 127);
});
