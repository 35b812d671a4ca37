import assert from "node:assert/strict";
import { test } from "node:test";
import type { Load } from "../../../../src/cluster/balancer.ts";
import { PeakEwma, type PeakEwmaOptions } from "../../../../src/plugins/balancers/peak-ewma.ts";

const exact = { decayTimeMs: 10_000, failurePenaltyMs: 0 };

function loadOf(options: PeakEwmaOptions, now = 0): Load {
  return new PeakEwma(options, now);
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 0.001, `${actual} is not ${expected}`);
}

test("a latency above the average is taken at once, one below it moves it by decay", () => {
  const load = loadOf(exact);
  load.started(0);
  load.ended(100, 0, true);
  near(load.cost(100), 100);
  load.started(100);
  load.ended(101, 100, true);
  near(load.cost(101), 100 * Math.exp(-1 / 10_000) + (1 - Math.exp(-1 / 10_000)));
  load.started(101);
  load.ended(351, 101, true);
  near(load.cost(351), 250);
});

test("the worked vector: 100 ms, then 20 ms ten seconds later, then read five seconds after that", () => {
  const load = loadOf(exact, 0);
  load.started(-100);
  load.ended(0, -100, true);
  load.started(10_000 - 20);
  load.ended(10_000, 10_000 - 20, true);
  near(load.cost(10_000), 49.43);
  load.started(10_000);
  load.started(10_000);
  near(load.cost(15_000), 89.944);
});

test("an endpoint that was asked and has never answered costs more than any other", () => {
  const load = loadOf(exact, 0);
  assert.equal(load.cost(0), 0);
  load.started(0);
  assert.ok(load.cost(0) > 1.4e8);
  load.started(0);
  assert.ok(load.cost(0) > 1.4e8 + 1);
});

test("a clock that seems to go back counts as standing still", () => {
  const load = loadOf(exact, 1_000);
  load.started(1_000);
  load.ended(900, 1_000, true);
  assert.equal(load.cost(900), 0);
  load.started(900);
  load.ended(960, 900, true);
  near(load.cost(100), 60);
});

test("a failed attempt counts as its latency by default, and as the penalty where there is one", () => {
  const plain = loadOf(exact, 0);
  plain.started(0);
  plain.ended(2, 0, false);
  near(plain.cost(2), 2);
  const punished = loadOf({ ...exact, failurePenaltyMs: 1_000 }, 0);
  punished.started(0);
  punished.ended(2, 0, false);
  near(punished.cost(2), 1_000);
  punished.started(2);
  punished.ended(2_002, 2, false);
  near(punished.cost(2_002), 2_000);
});

test("after long idleness an old peak is next to nothing", () => {
  const load = loadOf(exact, 0);
  load.started(0);
  load.ended(5_000, 0, true);
  assert.ok(load.cost(305_000) < 1e-6);
});
