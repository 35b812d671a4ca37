/** Tests of the count of what is of no use. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { cost, FloodGuard } from "../../../src/http2/flood-guard.ts";

/** How often `price` can be spent in a row. */
function times(guard: FloodGuard, price: number): number {
  for (let count = 0; count < 100_000; count++) if (!guard.spend(price)) return count;
  return Infinity;
}

it("a thousand resets at once are too many, and so again after each period", () => {
  const guard = new FloodGuard();
  guard.check(0);
  assert.equal(times(guard, cost.reset), 1000);
  guard.check(9999);
  assert.equal(guard.spend(cost.reset), false);
  guard.check(10_000);
  assert.equal(times(guard, cost.reset), 1000);
  assert.equal(guard.spent, 2003 * cost.reset);
});

it("who has streams served and bodies moved may go on without end", () => {
  const guard = new FloodGuard();
  for (let count = 0; count < 50_000; count++) {
    assert.equal(guard.spend(cost.reset), true);
    guard.streamServed();
    assert.equal(guard.spend(2 * cost.windowUpdate), true);
    guard.frameMoved();
  }
});
