import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { LogLinearHistogram } from "../../../src/base/histogram.ts";
import { freeBlocks, HISTOGRAM_HEAD, readHistogram, recordAt } from "../../../src/threads/shared-histogram.ts";
import { SharedSlots } from "../../../src/threads/shared-slots.ts";

it("a histogram in shared memory says what one in the thread's own says", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 3_600_000, noNaN: true }), { maxLength: 60 }), (values) => {
      const slots = new SharedSlots(() => undefined);
      slots.take(7);
      const place = slots.take(HISTOGRAM_HEAD);
      const own = new LogLinearHistogram();
      for (const value of values) {
        recordAt(slots, place, value);
        own.record(value);
      }
      const [shared, wanted] = [readHistogram(slots.cells, place), own.snapshot()];
      assert.deepEqual([shared.count, shared.min, shared.max], [wanted.count, wanted.min, wanted.max]);
      assert.ok(Math.abs(shared.sum - wanted.sum) < 1e-6);
      for (const p of [0, 0.5, 0.9, 1]) assert.equal(shared.percentile(p), wanted.percentile(p));
    }),
  );
});

it("it takes room only for the ranges in which values came, and gives that back", () => {
  const slots = new SharedSlots(() => undefined);
  const place = slots.take(HISTOGRAM_HEAD);
  for (let n = 0; n < 1_000; n++) recordAt(slots, place, 1.1 + n / 10_000);
  const block = slots.take(16);
  assert.equal(block & 8_191, 16, "one block is taken");
  freeBlocks(slots, place);
  assert.equal(slots.take(16) & 8_191, 0);
});

it("of several ranges it has a list, which it gives back with them", () => {
  const slots = new SharedSlots(() => undefined);
  const place = slots.take(HISTOGRAM_HEAD);
  for (const ms of [1, 1_000, 1_000_000]) recordAt(slots, place, ms);
  assert.equal(readHistogram(slots.cells, place).count, 3);
  const taken = slots.cells.length;
  freeBlocks(slots, place);
  slots.free(place, HISTOGRAM_HEAD);
  const again = slots.take(HISTOGRAM_HEAD);
  for (const ms of [3, 3_000, 3_000_000]) recordAt(slots, again, ms);
  assert.equal(readHistogram(slots.cells, again).count, 3);
  assert.equal(slots.cells.length, taken);
});

it("whoever reads it without knowing its newest page yet counts what he knows", () => {
  const slots = new SharedSlots(() => undefined);
  const place = slots.take(HISTOGRAM_HEAD);
  const known = [...slots.cells];
  recordAt(slots, place, 5);
  assert.equal(readHistogram(known, place).count, 0);
  assert.equal(readHistogram(slots.cells, place).count, 1);
});
