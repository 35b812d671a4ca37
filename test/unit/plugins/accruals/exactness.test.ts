// The formulas of failure accrual on a fake clock, against numbers that were worked out by hand from their description:
// none of them comes out of the code.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccrualPolicy } from "../../../../src/cluster/accrual-policy.ts";
import { Accrual } from "../../../../src/cluster/accrual.ts";
import type { Plugin } from "../../../../src/config/plugin.ts";
import { EqualJittered, Jittered } from "../../../../src/plugins/accruals/backoff.ts";
import consecutiveFailures from "../../../../src/plugins/accruals/consecutive-failures.ts";
import { MovingShare } from "../../../../src/plugins/accruals/moving-share.ts";
import successRateWindowed from "../../../../src/plugins/accruals/success-rate-windowed.ts";
import successRate from "../../../../src/plugins/accruals/success-rate.ts";
import { FakeClock } from "../../../../src/testing/index.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";

/** Chance that is what a test says, in turn. */
const drawing = (...draws: number[]) => ({ next: () => draws.shift() ?? 0 });

async function policyOf<C>(plugin: Plugin<"accrual", C>, input: object): Promise<AccrualPolicy> {
  const factory = await plugin.create(plugin.schema.parse(input), testContext({ random: drawing(0.5, 0.5, 0.5, 0.5) }));
  return factory.create(0);
}

const tenSeconds = { backoff: { kind: "constant", ms: 10_000 } };

test("the moving share of three requests over a window of four: 1, then e^-1/4 of it, then 1 - e^-1/4 more", () => {
  const share = new MovingShare(4);
  assert.equal(share.add(1, 1), 1);
  // e^-0.25 = 0.778801; 0.778801 * 0.778801 + 0.221199 = 0.827730.
  assert.ok(Math.abs(share.add(2, 0) - 0.778_801) < 1e-6);
  assert.ok(Math.abs(share.add(3, 1) - 0.827_73) < 1e-5);
});

test("the moving share decays with time: a failure 5 s after a success, over 10 s, leaves e^-0.5", () => {
  const share = new MovingShare(10_000);
  share.add(0, 1);
  assert.ok(Math.abs(share.add(5_000, 0) - 0.606_531) < 1e-6);
});

test("successRate 0.5 over 4: four failures at the beginning take an endpoint out at the fourth, not before", async () => {
  const policy = await policyOf(successRate, { successRate: 0.5, requests: 4, ...tenSeconds });
  assert.deepEqual(
    [1, 2, 3, 4].map(() => policy.failure(0)),
    [undefined, undefined, undefined, 10_000],
  );
});

test("successRate 0.9 over 20: after 19 successes one failure leaves 0.951, the second 0.905, the third 0.861", async () => {
  const policy = await policyOf(successRate, { successRate: 0.9, requests: 20, ...tenSeconds });
  for (let n = 0; n < 19; n++) policy.success(0);
  // e^-1/20 = 0.951229, e^-2/20 = 0.904837, e^-3/20 = 0.860708.
  assert.deepEqual(
    [1, 2, 3].map(() => policy.failure(0)),
    [undefined, undefined, 10_000],
  );
});

test("successRate 0.9 over 20: two failures apart stay above where eight successes came between them", async () => {
  const policy = await policyOf(successRate, { successRate: 0.9, requests: 20, ...tenSeconds });
  for (let n = 0; n < 30; n++) policy.success(0);
  // 0.951229; eight successes later 1 - 0.048771 * e^-8/20 = 0.967308; one failure more 0.920131, the next 0.875256.
  assert.equal(policy.failure(0), undefined);
  for (let n = 0; n < 8; n++) policy.success(0);
  assert.equal(policy.failure(0), undefined);
  assert.equal(policy.failure(0), 10_000);
});

test("successRateWindowed 0.9 over 10 s: failures 1 s apart after ten good seconds leave 0.905 and 0.819", async () => {
  const policy = await policyOf(successRateWindowed, { successRate: 0.9, window: 10, ...tenSeconds });
  for (let at = 0; at <= 10_000; at += 1_000) policy.success(at);
  // e^-0.1 = 0.904837, e^-0.2 = 0.818731.
  assert.equal(policy.failure(11_000), undefined);
  assert.equal(policy.failure(12_000), 10_000);
});

test("successRateWindowed: what is older than the window, to a fifth of it, is no request of it", async () => {
  const policy = await policyOf(successRateWindowed, { successRate: 0.9, window: 10, ...tenSeconds });
  for (const at of [0, 500, 1_000, 1_500]) policy.failure(at);
  // At 10 s the slice of the first 2 s has left: this is the only one in the window.
  assert.equal(policy.failure(10_000), undefined);
  assert.deepEqual(
    [10_100, 10_200, 10_300].map((at) => policy.failure(at)),
    [undefined, undefined, undefined],
  );
  assert.equal(policy.failure(10_400), 10_000);
});

test("equal-jittered with chance in the middle: 5, 7.5, 15, 30, 60, 120, 240, then 300 s for good", () => {
  const waits = new EqualJittered(5_000, 300_000, { next: () => 0.5 });
  const taken = Array.from({ length: 9 }, () => waits.next());
  assert.deepEqual(taken, [5_000, 7_500, 15_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
});

test("equal-jittered at the ends of chance: each wait is from h to below 2 h, and what reaches the longest stays there", () => {
  const least = new EqualJittered(5_000, 300_000, { next: () => 0 });
  assert.deepEqual(
    Array.from({ length: 9 }, () => least.next()),
    [5_000, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000],
  );
  const most = new EqualJittered(5_000, 300_000, drawing(0, 0, 0, 0, 0, 0.999));
  // 160 s + 159.84 s is past the longest.
  assert.deepEqual(
    Array.from({ length: 8 }, () => most.next()),
    [5_000, 5_000, 10_000, 20_000, 40_000, 80_000, 300_000, 300_000],
  );
});

test("jittered from 1 s to 20 s with chance in the middle: 1, 2, 4, 8, 14, then between the last and 20 s", () => {
  const waits = new Jittered(1_000, 20_000, { next: () => 0.5 });
  // Each is the middle of the last one and three times that, at most 20 s: (8 + 20) / 2 = 14, (14 + 20) / 2 = 17.
  assert.deepEqual(
    Array.from({ length: 6 }, () => waits.next()),
    [1_000, 2_000, 4_000, 8_000, 14_000, 17_000],
  );
});

test("jittered at the ends of chance: never below the last, never at three times it; of equal bounds it is constant", () => {
  const least = new Jittered(1_000, 20_000, { next: () => 0 });
  assert.deepEqual([least.next(), least.next(), least.next()], [1_000, 1_000, 1_000]);
  const most = new Jittered(1_000, 20_000, drawing(0, 0.999, 0.999, 0.999));
  const [, second = 0, third = 0, fourth = 0] = Array.from({ length: 4 }, () => most.next());
  assert.ok(second < 3_000 && third < 3 * second && fourth < 20_000);
  const constant = new Jittered(250, 250, { next: () => 0.7 });
  assert.deepEqual([constant.next(), constant.next()], [250, 250]);
});

test("five failures: busy; 5 s later one probe; it fails: 7.5 s with chance in the middle; it succeeds: 5 s the next time", async () => {
  const clock = new FakeClock();
  const some = {};
  const host = { changed: () => undefined, counted: () => undefined };
  const accrual = new Accrual(await policyOf(consecutiveFailures, { failures: 5 }), clock, host);
  const fail = (times: number): void => {
    for (let n = 0; n < times; n++) accrual.failed(clock.now(), some);
  };
  fail(4);
  assert.equal(accrual.status, "open");
  fail(1);
  assert.equal(accrual.outUntil, 5_000);
  clock.advance(5_000);
  accrual.started(some);
  fail(1);
  assert.equal(accrual.outUntil, 12_500);
  clock.advance(7_500);
  accrual.started(some);
  accrual.succeeded(clock.now());
  assert.equal(accrual.state, "alive");
  fail(5);
  assert.equal(accrual.outUntil, 17_500);
});
