import assert from "node:assert/strict";
import { test } from "node:test";
import { soonAborted, within } from "../../../src/base/within.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

test("work is aborted when its time is over, with what is to be said of that", async () => {
  const clock = new FakeClock();
  const work = within({ clock, ms: 100, signal: new AbortController().signal, late: "no list in time" }, aborted);
  clock.advance(100);
  await assert.rejects(work, { message: "no list in time", code: "ETIMEDOUT" });
  assert.equal(clock.waiting, 0);
});

test("work is aborted with its owner, for the owner's reason", async () => {
  const clock = new FakeClock();
  const owner = new AbortController();
  const work = within({ clock, ms: 100, signal: owner.signal }, aborted);
  owner.abort(new Error("the owner ends"));
  await assert.rejects(work, /the owner ends/);
  assert.equal(clock.waiting, 0);
});

test("work of an owner that has ended does not begin", async () => {
  const begun = within({ clock: new FakeClock(), ms: 1, signal: AbortSignal.abort(new Error("over")) }, () =>
    Promise.reject(new Error("it began")),
  );
  await assert.rejects(begun, /over/);
});

test("work that ends in time leaves nothing behind", async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  assert.equal(await within({ clock, ms: 100, signal }, () => Promise.resolve(7)), 7);
  using soon = soonAborted({ clock, ms: 100, signal });
  assert.deepEqual([soon.signal.aborted, clock.waiting], [false, 1]);
});
