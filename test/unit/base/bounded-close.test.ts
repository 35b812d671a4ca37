import assert from "node:assert/strict";
import { test } from "node:test";
import { boundedClose } from "../../../src/base/bounded-close.ts";
import { FakeClock } from "../../../src/testing/index.ts";

test("what closes in time is waited for, and its error passes", async () => {
  const clock = new FakeClock();
  let closed = false;
  await boundedClose({ [Symbol.asyncDispose]: async () => void (closed = true) }, clock, 1_000)[Symbol.asyncDispose]();
  assert.ok(closed);
  const failing: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.reject(new Error("no")) };
  await assert.rejects(boundedClose(failing, clock, 1_000)[Symbol.asyncDispose](), /no/);
});

test("what does not is left to itself", async () => {
  const clock = new FakeClock();
  const closing = boundedClose({ [Symbol.asyncDispose]: () => new Promise<void>(() => undefined) }, clock, 1_000);
  let isOver = false;
  const over = closing[Symbol.asyncDispose]().then(() => (isOver = true));
  clock.advance(999);
  await Promise.resolve();
  assert.equal(isOver, false);
  clock.advance(1);
  await over;
});
