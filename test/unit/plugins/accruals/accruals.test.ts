import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccrualPolicy } from "../../../../src/cluster/accrual-policy.ts";
import { Accrual } from "../../../../src/cluster/accrual.ts";
import type { Plugin } from "../../../../src/config/plugin.ts";
import consecutiveFailures from "../../../../src/plugins/accruals/consecutive-failures.ts";
import none from "../../../../src/plugins/accruals/none.ts";
import successRateWindowed from "../../../../src/plugins/accruals/success-rate-windowed.ts";
import successRate from "../../../../src/plugins/accruals/success-rate.ts";
import { FakeClock, seededRandom } from "../../../../src/testing/index.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";

/** An attempt, where it does not matter which. */
const some = {};

async function policyOf<C>(plugin: Plugin<"accrual", C>, input: object, now = 0): Promise<AccrualPolicy> {
  const context = testContext({ random: seededRandom(5) });
  const factory = await plugin.create(plugin.schema.parse(input), context);
  return factory.create(now);
}

const failures = (policy: AccrualPolicy, count: number, now = 0): (number | undefined)[] =>
  Array.from({ length: count }, () => policy.failure(now));

test("accrual policies are known by the kinds of Linkerd 1", () => {
  assert.deepEqual(
    [consecutiveFailures, successRate, successRateWindowed, none].map((plugin) => plugin.kind),
    ["io.l5d.consecutiveFailures", "io.l5d.successRate", "io.l5d.successRateWindowed", "none"],
  );
});

test("consecutiveFailures: out at the fifth failure in a row for 5 s, then for 5 to 10 s, and for 5 s after a revival", async () => {
  const policy = await policyOf(consecutiveFailures, { failures: 5 });
  assert.deepEqual(failures(policy, 5), [undefined, undefined, undefined, undefined, 5_000]);
  const second = policy.failure(0);
  assert.ok(second !== undefined && second >= 5_000 && second < 10_000, `${second}`);
  policy.revived(0);
  assert.deepEqual(failures(policy, 5), [undefined, undefined, undefined, undefined, 5_000]);
});

test("consecutiveFailures: a success begins the count again, but not the back-off", async () => {
  const policy = await policyOf(consecutiveFailures, { failures: 2 });
  assert.deepEqual(failures(policy, 2), [undefined, 5_000]);
  policy.success(0);
  const [first, second] = failures(policy, 2);
  assert.equal(first, undefined);
  assert.ok(second !== undefined && second >= 5_000 && second < 10_000);
});

test("consecutiveFailures: a constant back-off of 0 takes out for no time", async () => {
  const policy = await policyOf(consecutiveFailures, { failures: 1, backoff: { kind: "constant", ms: 0 } });
  assert.deepEqual(failures(policy, 3), [0, 0, 0]);
});

test("consecutiveFailures: an endpoint is probed after 5 s, and after 5 to 10 s more when that fails", async () => {
  const clock = new FakeClock();
  const accrual = new Accrual(await policyOf(consecutiveFailures, { failures: 5 }), clock, {
    changed: () => undefined,
    counted: () => undefined,
  });
  for (let n = 0; n < 5; n++) accrual.failed(clock.now(), some);
  assert.equal(accrual.status, "busy");
  clock.advance(5_000);
  assert.equal(accrual.status, "open");
  accrual.started(some);
  accrual.failed(clock.now(), some);
  clock.advance(4_999);
  assert.equal(accrual.status, "busy");
  clock.advance(5_001);
  assert.equal(accrual.status, "open");
  accrual.started(some);
  accrual.succeeded(clock.now());
  for (let n = 0; n < 5; n++) accrual.failed(clock.now(), some);
  clock.advance(4_999);
  assert.equal(accrual.status, "busy");
  clock.advance(1);
  assert.equal(accrual.status, "open");
});

test("successRate: nothing is decided before so many requests", async () => {
  const policy = await policyOf(successRate, { successRate: 0.5, requests: 4 });
  assert.deepEqual(failures(policy, 4), [undefined, undefined, undefined, 5_000]);
});

test("successRate: an endpoint that mostly succeeds stays", async () => {
  const policy = await policyOf(successRate, { successRate: 0.8, requests: 100 });
  for (let n = 0; n < 1_000; n++) {
    if (n % 10 === 9) assert.equal(policy.failure(n), undefined);
    else policy.success(n);
  }
});

test("successRate: a revived endpoint is judged anew", async () => {
  const policy = await policyOf(successRate, { successRate: 0.5, requests: 4 });
  failures(policy, 4);
  policy.revived(0);
  assert.deepEqual(failures(policy, 4), [undefined, undefined, undefined, 5_000]);
});

test("successRateWindowed: four failures in a window never take an endpoint out, the fifth does", async () => {
  const policy = await policyOf(successRateWindowed, { successRate: 0.9, window: 10 });
  assert.deepEqual(failures(policy, 4, 10_000), [undefined, undefined, undefined, undefined]);
  assert.equal(policy.failure(10_001), 5_000);
});

test("successRateWindowed: nothing is decided within the first window, nor after a revival within another", async () => {
  const policy = await policyOf(successRateWindowed, { successRate: 0.9, window: 10 });
  assert.deepEqual(failures(policy, 20, 9_999), Array(20).fill(undefined));
  assert.equal(policy.failure(10_000), 5_000);
  policy.revived(10_000);
  assert.deepEqual(failures(policy, 20, 19_999), Array(20).fill(undefined));
  assert.equal(policy.failure(20_000), 5_000);
});

test("successRateWindowed: requests older than the window do not count", async () => {
  const policy = await policyOf(successRateWindowed, { successRate: 0.9, window: 10 });
  failures(policy, 10, 1_000);
  assert.deepEqual(failures(policy, 4, 30_000), [undefined, undefined, undefined, undefined]);
});

test("none: nothing takes an endpoint out", async () => {
  const policy = await policyOf(none, {});
  assert.deepEqual(failures(policy, 100), Array(100).fill(undefined));
});
