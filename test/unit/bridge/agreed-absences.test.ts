import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AgreedAbsences, type Look } from "../../../src/bridge/agreed-absences.ts";
import type { RemovalWhy } from "../../../src/bridge/mirror-plan.ts";

const look = (n: number, more: Partial<Look> = {}): Look => ({ cycle: n, at: n * 10, apartMs: 9, gaps: 0, ...more });
const absent = (...keys: readonly string[]): ReadonlyMap<string, RemovalWhy> =>
  new Map(keys.map((key) => [key, "absent"]));

describe("looks that agree on what is absent", () => {
  it("count once a cycle", () => {
    const absences = new AgreedAbsences();
    for (const n of [1, 1, 2, 3]) absences.look(absent("a"), look(n));
    assert.equal(absences.get("a")?.agreed, 3);
  });

  it("count for one when they are too near to each other", () => {
    const absences = new AgreedAbsences();
    absences.look(absent("a"), look(1));
    absences.look(absent("a"), look(2, { at: 15 }));
    assert.equal(absences.get("a")?.agreed, 1);
  });

  it("begin anew after a gap, after doubt, for another reason, and for what was there between", () => {
    for (const between of [
      (known: AgreedAbsences) => known.look(absent("a"), look(2, { gaps: 1 })),
      (known: AgreedAbsences) => {
        known.doubt();
        known.look(absent("a"), look(2));
      },
      (known: AgreedAbsences) => known.look(new Map([["a", "dual"]]), look(2)),
      (known: AgreedAbsences) => {
        known.look(absent(), look(-1));
        known.look(absent("a"), look(2));
      },
    ]) {
      const known = new AgreedAbsences();
      known.look(absent("a"), look(1));
      between(known);
      assert.equal(known.get("a")?.agreed, 1);
    }
  });

  it("approve of what is known then, and of nothing that comes later", () => {
    const absences = new AgreedAbsences();
    absences.look(absent("a"), look(1));
    assert.equal(absences.approve(), 1);
    assert.equal(absences.approve(), 0);
    absences.look(absent("a", "b"), look(2));
    assert.deepEqual([absences.get("a")?.approved, absences.get("b")?.approved], [true, false]);
  });
});
