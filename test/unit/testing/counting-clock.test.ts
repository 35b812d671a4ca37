import assert from "node:assert/strict";
import { test } from "node:test";
import { CountingClock } from "../../../src/testing/counting-clock.ts";
import { eventually } from "../../../src/testing/eventually.ts";

test("a timer counts while it waits, until it fires or is disposed", async () => {
  const clock = new CountingClock();
  let fired = false;
  clock.timer(1, () => (fired = true));
  const other = clock.timer(60_000, () => undefined);
  assert.equal(clock.waiting, 2);
  await eventually("fired", () => fired);
  assert.equal(clock.waiting, 1);
  other[Symbol.dispose]();
  assert.equal(clock.waiting, 0);
});

test("what does not become true in time is an error that says what it was", async () => {
  await assert.rejects(
    eventually("pigs fly", () => false, 20),
    /not within 20 ms: pigs fly/,
  );
});
