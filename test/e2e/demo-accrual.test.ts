// The demo `accrual`, three times as fast as it is told, on real sockets and with seeded chance: what each kind of failure
// accrual is worth when one of five instances fails four requests of ten.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accrual } from "../../scripts/demo/accrual.ts";
import type { LaneReport } from "../../scripts/demo/demo.ts";
import { play } from "../../scripts/demo/run-demo.ts";

function within(lane: LaneReport | undefined, least: number, most: number): void {
  const percent = lane?.successPercent ?? Number.NaN;
  assert.ok(percent >= least && percent <= most, `${lane?.lane}: ${percent.toFixed(2)} %, not ${least} to ${most} %`);
}

test("with one of five backends failing often, a twelfth of requests fails without accrual, a thirtieth with failures in a row, a hundredth with the success rate", async () => {
  const { lanes } = await play(accrual, { seconds: 20 });
  const [none, consecutive, rate] = lanes;
  for (const { requests, attemptsPerRequest } of lanes) {
    assert.equal(requests, 6_000);
    assert.ok(Math.abs(attemptsPerRequest - 1) < 0.01, "no request is tried twice");
  }
  within(none, 91, 93);
  within(consecutive, 96, 98);
  within(rate, 99, 100);
});
