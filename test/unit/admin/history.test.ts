import assert from "node:assert/strict";
import { it } from "node:test";
import { emptyHistory, extended } from "../../../src/admin/dashboard/history.ts";

const totals = (at: number, requests: number, failures = 0) => ({ at, requests, failures, p99Ms: 4 });

it("a chart shows the rate between two pictures", () => {
  const history = extended(emptyHistory, totals(1_000, 10), totals(3_000, 50, 10));
  assert.deepEqual(history.rates, [20]);
  assert.deepEqual(history.successes, [75]);
});

it("a chart has a gap in success where there were no requests", () => {
  assert.deepEqual(extended(emptyHistory, totals(1_000, 10), totals(2_000, 10)).successes, [null]);
});

it("totals that went back give no point, so another page or a restart shows no false rate", () => {
  assert.equal(extended(emptyHistory, totals(1_000, 10), totals(2_000, 3)), emptyHistory);
});

it("a chart keeps two minutes", () => {
  let history = emptyHistory;
  for (let at = 1; at <= 300; at++)
    history = extended(history, totals(at * 1_000, at), totals(at * 1_000 + 1_000, at + 1));
  assert.equal(history.times.length, 120);
});
