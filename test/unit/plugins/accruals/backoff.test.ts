import assert from "node:assert/strict";
import { test } from "node:test";
import { EqualJittered, Jittered, waits } from "../../../../src/plugins/accruals/backoff.ts";
import { seededRandom } from "../../../../src/testing/index.ts";

test("equal-jittered waits double their lower bound, and stay at the longest once it is reached", () => {
  for (let seed = 0; seed < 50; seed++) {
    const each = new EqualJittered(5_000, 300_000, seededRandom(seed));
    assert.equal(each.next(), 5_000);
    for (let half = 5_000; half < 150_000; half *= 2) {
      const wait = each.next();
      assert.ok(wait >= half && wait < 2 * half, `${wait}`);
    }
    for (let n = 0; n < 3; n++) each.next();
    assert.equal(each.next(), 300_000);
    each.restart();
    assert.equal(each.next(), 5_000);
  }
});

test("jittered waits begin at the least and never fall, and never pass three times the last nor the longest", () => {
  const each = new Jittered(100, 2_000, seededRandom(3));
  let last = each.next();
  assert.equal(last, 100);
  for (let n = 0; n < 50; n++) {
    const wait = each.next();
    assert.ok(wait >= last && wait <= Math.min(2_000, 3 * last), `${last} then ${wait}`);
    last = wait;
  }
  each.restart();
  assert.equal(each.next(), 100);
});

test("a constant wait stays, 0 too", () => {
  for (const ms of [0, 250]) {
    const each = waits({ kind: "constant", ms }, seededRandom(1));
    assert.deepEqual([each.next(), each.next(), each.next()], [ms, ms, ms]);
  }
});
