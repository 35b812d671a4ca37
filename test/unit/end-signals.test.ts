import assert from "node:assert/strict";
import { test } from "node:test";
import { endSignals } from "../../src/end-signals.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

function ordersOf(gaps: readonly number[]): readonly string[] {
  const clock = new FakeClock();
  const orders: string[] = [];
  const heard = endSignals(clock, { gently: () => orders.push("gently"), now: () => orders.push("now") });
  for (const gap of gaps) {
    clock.advance(gap);
    heard();
  }
  return orders;
}

test("the first signal ends a daemon after its requests", () => {
  assert.deepEqual(ordersOf([0]), ["gently"]);
});

test("a signal that a wrapper passes on, which the process got already, is the same order", () => {
  assert.deepEqual(ordersOf([0, 0]), ["gently"]);
  assert.deepEqual(ordersOf([0, 3, 490]), ["gently"]);
});

test("a signal of half a second later ends the process now", () => {
  assert.deepEqual(ordersOf([0, 500]), ["gently", "now"]);
  assert.deepEqual(ordersOf([0, 1, 2000]), ["gently", "now"]);
});
