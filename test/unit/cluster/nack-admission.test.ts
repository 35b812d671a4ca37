import assert from "node:assert/strict";
import { test } from "node:test";
import { NackAdmission } from "../../../src/cluster/nack-admission.ts";

/** So many a second are answered so, from `from` on; how many of the attempts were refused, where chance always says 0.5. */
function run(admission: NackAdmission, from: number, seconds: number, perSecond: number, isNack: boolean): number {
  let refused = 0;
  for (let n = 0; n < seconds * perSecond; n++) {
    const now = from + (n * 1_000) / perSecond;
    if (admission.refuses(now, { next: () => 0.5 })) refused++;
    else admission.answered(now, isNack);
  }
  return refused;
}

test("nothing is refused before the share of what was accepted is below a half, which takes 83 s of nothing but nacks", () => {
  const admission = new NackAdmission(0);
  assert.equal(run(admission, 0, 120 * Math.LN2, 10, true), 0);
  // 1 - 2 x share is above a half from a share of a quarter on: twice as long.
  assert.equal(run(admission, 120_000 * Math.LN2, 120 * Math.LN2, 10, true), 0);
  assert.ok(run(admission, 240_000 * Math.LN2, 10, 10, true) > 90);
});

test("fewer than five attempts a second are never refused", () => {
  const admission = new NackAdmission(0);
  assert.equal(run(admission, 0, 1_000, 4, true), 0);
});

test("one attempt in four is let through, however bad it is", () => {
  const admission = new NackAdmission(0);
  run(admission, 0, 1_000, 4, true);
  for (let n = 0; n < 10; n++) admission.refuses(1_000_000 + n, { next: () => 0.9 });
  assert.equal(admission.refuses(1_000_020, { next: () => 0.76 }), false);
  assert.equal(admission.refuses(1_000_020, { next: () => 0.74 }), true);
});

test("it is over when nearly all of the last minutes was accepted", () => {
  const admission = new NackAdmission(0);
  run(admission, 0, 60, 10, true);
  assert.equal(admission.isOver, false);
  run(admission, 60_000, 600, 10, false);
  assert.equal(admission.isOver, true);
});
