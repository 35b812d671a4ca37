import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { addedUp, LogLinearHistogram } from "../../../src/base/histogram.ts";

const near = (actual: number, wanted: number): boolean => Math.abs(actual - wanted) <= wanted * 0.06 + 0.001;

describe("a histogram", () => {
  it("knows its percentiles within 6 %, and count, sum, least and greatest exactly", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (values) => {
          const histogram = new LogLinearHistogram();
          for (const value of values) histogram.record(value);
          const snapshot = histogram.snapshot();
          const sorted = [...values].sort((a, b) => a - b);
          assert.equal(snapshot.count, values.length);
          assert.equal(snapshot.min, sorted[0]);
          assert.equal(snapshot.max, sorted.at(-1));
          for (const p of [0, 0.5, 0.9, 0.99, 1]) {
            const wanted = sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] as number;
            // Below 16 units of a microsecond a bucket is one unit wide.
            const tolerance = wanted < 0.016 ? 0.1 : 0.06;
            assert.ok(Math.abs(snapshot.percentile(p) - wanted) <= wanted * tolerance + 1e-9, `p${p}: ${wanted}`);
          }
        },
      ),
    );
  });

  it("counts what is at most a bound", () => {
    const histogram = new LogLinearHistogram();
    for (const value of [1, 2, 3, 10, 100, 1000]) histogram.record(value);
    assert.deepEqual(histogram.snapshot().cumulative([0.5, 5, 50, 500, 5000]), [0, 3, 4, 5, 6]);
  });

  it("shows what came after an earlier snapshot", () => {
    const histogram = new LogLinearHistogram();
    histogram.record(5);
    const earlier = histogram.snapshot();
    histogram.record(100);
    histogram.record(200);
    const since = histogram.snapshot().since(earlier);
    assert.deepEqual([since.count, since.sum], [2, 300]);
    assert.ok(near(since.min, 100) && near(since.max, 200) && near(since.percentile(0.5), 100));
  });

  it("is 0 where nothing was recorded, and takes odd values for the nearest it knows", () => {
    const histogram = new LogLinearHistogram();
    const empty = histogram.snapshot();
    assert.deepEqual([empty.count, empty.min, empty.max, empty.percentile(0.99)], [0, 0, 0, 0]);
    for (const odd of [-1, Number.NaN, 0, Infinity]) histogram.record(odd);
    const snapshot = histogram.snapshot();
    assert.deepEqual([snapshot.count, snapshot.min, snapshot.max], [4, 0, 3_600_000]);
  });

  it("adds up with another as if both were one", () => {
    const values = fc.array(fc.double({ min: 0, max: 3_600_000, noNaN: true }), { maxLength: 30 });
    fc.assert(
      fc.property(values, values, (mine, others) => {
        const [a, b, both] = [new LogLinearHistogram(), new LogLinearHistogram(), new LogLinearHistogram()];
        for (const value of mine) a.record(value);
        for (const value of others) b.record(value);
        for (const value of [...mine, ...others]) both.record(value);
        const [sum, wanted] = [addedUp(a.snapshot(), b.snapshot()), both.snapshot()];
        assert.deepEqual([sum.count, sum.min, sum.max], [wanted.count, wanted.min, wanted.max]);
        for (const p of [0, 0.5, 0.9, 1]) assert.equal(sum.percentile(p), wanted.percentile(p));
      }),
    );
  });
});
