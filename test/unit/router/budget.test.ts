import assert from "node:assert/strict";
import { test } from "node:test";
import { Budget } from "../../../src/router/budget.ts";
import { defaultBudget } from "../../../src/router/params.ts";
import { FakeClock } from "../../../src/testing/index.ts";

function budget(minRetriesPerSec: number, percentCanRetry: number, ttlMs = 10_000) {
  const clock = new FakeClock();
  return { clock, budget: new Budget({ minRetriesPerSec, percentCanRetry, ttlMs }, clock) };
}

test("the defaults begin with a reserve of a hundred retries, and five requests pay for one more", () => {
  const clock = new FakeClock();
  const defaults = new Budget(defaultBudget, clock);
  assert.equal(defaults.balance, 100);
  defaults.deposit(clock.now());
  assert.equal(defaults.balance, 100);
  for (let n = 0; n < 4; n++) defaults.deposit(clock.now());
  assert.equal(defaults.balance, 101);
});

test("without a reserve two requests at 50 % pay for exactly one retry", () => {
  const { clock, budget: half } = budget(0, 0.5);
  half.deposit(clock.now());
  assert.equal(half.withdraw(clock.now()), false);
  half.deposit(clock.now());
  assert.equal(half.withdraw(clock.now()), true);
  assert.equal(half.withdraw(clock.now()), false);
});

test("at 200 % each request pays for two", () => {
  const { clock, budget: double } = budget(0, 2);
  double.deposit(clock.now());
  assert.equal(double.balance, 2);
});

test("deposits age out, and so do withdrawals, which gives the reserve back", () => {
  const { clock, budget: earns } = budget(0, 0.5);
  earns.deposit(clock.now());
  earns.deposit(clock.now());
  clock.advance(11_000);
  assert.equal(earns.withdraw(clock.now()), false);
  const { clock: other, budget: reserved } = budget(1, 0, 10_000);
  for (let n = 0; n < 10; n++) assert.equal(reserved.withdraw(other.now()), true);
  assert.equal(reserved.withdraw(other.now()), false);
  other.advance(11_000);
  assert.equal(reserved.balance, 10);
});

test("nothing configured pays for nothing", () => {
  const { clock, budget: none } = budget(0, 0);
  none.deposit(clock.now());
  assert.equal(none.withdraw(clock.now()), false);
});
