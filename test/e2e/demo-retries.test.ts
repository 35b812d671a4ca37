// The demo `retries`, twice as fast as it is told, on real sockets and with seeded chance: slow and failing instances
// together, asked by a plain client and by Linkspan.
import assert from "node:assert/strict";
import { test } from "node:test";
import { retries } from "../../scripts/demo/retries.ts";
import { play } from "../../scripts/demo/run-demo.ts";

test("with slow and failing backends together every request succeeds, in half of a plain client's p95 at most", async () => {
  const { lanes } = await play(retries, { seconds: 20, seed: 1 });
  const [plain, none, retried, hedged] = lanes;
  assert.ok(plain && none && retried && hedged);
  for (const { requests } of lanes) assert.equal(requests, 2_000);
  assert.ok(plain.successPercent > 88 && plain.successPercent < 93, `${plain.successPercent} % by the plain client`);
  assert.ok(none.successPercent > plain.successPercent && none.successPercent < 100, `${none.successPercent} %`);
  for (const lane of [retried, hedged]) {
    assert.equal(lane.successPercent, 100, lane.lane);
    assert.ok(lane.p95Ms <= plain.p95Ms / 2, `${lane.lane}: p95 ${lane.p95Ms} ms, plain ${plain.p95Ms} ms`);
    // Retries and hedges together: what the budgets pay for, and far less than they might.
    assert.ok(lane.attemptsPerRequest < 1.2, `${lane.attemptsPerRequest} attempts a request`);
  }
});
