import assert from "node:assert/strict";
import { test } from "node:test";
import { LogLinearHistogram } from "../../../src/base/histogram.ts";
import { judge } from "../../../src/bridge/shift-guard.ts";
import type { Tally } from "../../../src/bridge/shift-samples.ts";

const guard = { successDelta: 0.005, p99Ratio: 1.3, minRequests: 500 };

function answers(
  successes: number,
  failures: number,
  ms: number,
  slow: { many: number; ms: number } = { many: 0, ms: 0 },
): Tally {
  const times = new LogLinearHistogram();
  for (let n = 0; n < successes + failures - slow.many; n++) times.record(ms);
  for (let n = 0; n < slow.many; n++) times.record(slow.ms);
  return { successes, failures, times: times.snapshot() };
}

const tagOf = (from: Tally, to: Tally): string => judge(guard, { from, to }).tag;

test("a side that does as well is good once both were asked often enough", () => {
  assert.equal(tagOf(answers(50_000, 0, 10), answers(500, 0, 10)), "good");
  assert.equal(tagOf(answers(50_000, 0, 10), answers(499, 0, 10)), "wait");
  assert.equal(tagOf(answers(499, 0, 10), answers(500, 0, 10)), "wait");
  assert.deepEqual(judge(guard, { from: answers(600, 0, 1), to: answers(12, 0, 1) }), {
    tag: "wait",
    why: "`to` has answered 12 of 500 requests",
  });
});

test("a side that fails all is a breach by its fifth failure, and four are none yet", () => {
  assert.equal(tagOf(answers(400, 0, 10), answers(0, 4, 10)), "wait");
  const verdict = judge(guard, { from: answers(400, 0, 10), to: answers(0, 5, 10) });
  assert.deepEqual(verdict, {
    tag: "breach",
    why: "0.00 % of 5 requests to `to` succeeded, 100.00 % of 400 to `from`",
  });
});

test("what fails as often on both sides is no breach, be it all of them", () => {
  assert.equal(tagOf(answers(0, 9_000, 10), answers(0, 900, 10)), "good");
  assert.equal(tagOf(answers(8_100, 900, 10), answers(900, 100, 10)), "good");
});

test("what is over the limit and may be chance is waited for, and a breach when it is sure", () => {
  // 1.2 % against 0.5 %.
  assert.equal(tagOf(answers(9_950, 50, 10), answers(494, 6, 10)), "wait");
  assert.equal(tagOf(answers(99_500, 500, 10), answers(9_880, 120, 10)), "breach");
});

test("a longer 99th percentile is a breach once more are slow than chance makes", () => {
  const old = answers(50_000, 0, 10);
  assert.equal(tagOf(old, answers(1_000, 0, 10, { many: 9, ms: 100 })), "good");
  assert.equal(tagOf(old, answers(1_000, 0, 10, { many: 15, ms: 100 })), "wait");
  const verdict = judge(guard, { from: old, to: answers(1_000, 0, 10, { many: 40, ms: 100 }) });
  assert.equal(verdict.tag, "breach");
  assert.match(verdict.tag === "breach" ? verdict.why : "", /99th percentile of `to` is \d+ ms/);
});

test("percentiles that differ by less than a millisecond are alike", () => {
  assert.equal(tagOf(answers(50_000, 0, 0.4), answers(1_000, 0, 0.9)), "good");
});
