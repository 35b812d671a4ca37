/** Tests of how lines of the log are kept back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Throttle } from "../../../src/net/tls-throttle.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

test("a cause is let through once in a while, with the number of those that were not", () => {
  const clock = new FakeClock();
  const throttle = new Throttle(clock, 1000);
  assert.deepEqual(
    ["a", "a", "b", "a", "b"].map((cause) => throttle.admit(cause)),
    [0, -1, 0, -1, -1],
  );
  clock.advance(1000);
  assert.deepEqual([throttle.admit("a"), throttle.admit("b"), throttle.admit("a")], [2, 1, -1]);
});

test("it remembers a bounded number of causes, and forgets the one that was told longest ago", () => {
  const throttle = new Throttle(new FakeClock(), 1000);
  for (let cause = 0; cause <= 64; cause++) assert.equal(throttle.admit(String(cause)), 0);
  assert.equal(throttle.admit("64"), -1);
  assert.equal(throttle.admit("0"), 0);
});
