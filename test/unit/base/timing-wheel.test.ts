import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { TimingWheel, type WheelPlace } from "../../../src/base/timing-wheel.ts";
import { FakeClock } from "../../../src/testing/index.ts";

/** What a wheel may be late by, beside its timer. */
const TICK_MS = 4;

function open(): { clock: FakeClock; wheel: TimingWheel<string>; expired: string[] } {
  const clock = new FakeClock();
  const expired: string[] = [];
  const wheel = new TimingWheel<string>(clock, (item) => expired.push(`${item}@${clock.now()}`));
  return { clock, wheel, expired };
}

describe("a wheel of deadlines", () => {
  it("expires each item at its own time, whatever the order they came in, with one timer", () => {
    const { clock, wheel, expired } = open();
    wheel.add("late", 1_000);
    wheel.add("soon", 20);
    wheel.add("rounds later", 60_000);
    assert.equal(clock.waiting, 1);
    clock.advance(100_000);
    assert.deepEqual(expired, ["soon@20", "late@1000", "rounds later@60000"]);
    assert.deepEqual([clock.waiting, wheel.size], [0, 0]);
  });

  it("forgets what is removed, and lends its place again", () => {
    const { clock, wheel, expired } = open();
    const first = wheel.add("first", 100);
    wheel.add("second", 100);
    wheel.remove(first, "first");
    wheel.remove(first, "first");
    const third = wheel.add("third", 200);
    assert.equal(third, first);
    wheel.remove(first, "first");
    clock.advance(1_000);
    assert.deepEqual(expired, ["second@100", "third@200"]);
  });

  it("lets what expires take another along that is due in the same tick", () => {
    const clock = new FakeClock();
    const expired: string[] = [];
    const places = new Map<string, WheelPlace<string>>();
    const wheel = new TimingWheel<string>(clock, (item) => {
      expired.push(item);
      for (const [other, place] of places) if (other !== item) wheel.remove(place, other);
    });
    for (const item of ["a", "b", "c"]) places.set(item, wheel.add(item, 50));
    clock.advance(1_000);
    assert.equal(expired.length, 1);
    assert.deepEqual([clock.waiting, wheel.size], [0, 0]);
  });

  it("goes on with the others when the end of one throws", () => {
    const clock = new FakeClock();
    const wheel = new TimingWheel<string>(clock, (item) => {
      if (item === "bad") throw new Error("a defect");
    });
    wheel.add("good", 300);
    wheel.add("bad", 50);
    assert.throws(() => clock.advance(100), /a defect/);
    clock.advance(1_000);
    assert.deepEqual([clock.waiting, wheel.size], [0, 0]);
  });

  it("expires at once what is past, and after a long pause all that is due", () => {
    const { clock, wheel, expired } = open();
    clock.advance(500);
    wheel.add("past", 10);
    clock.advance(TICK_MS);
    assert.equal(expired.length, 1);
    for (const dueAt of [600, 3_000, 90_000]) wheel.add(`${dueAt}`, dueAt);
    clock.advance(200_000);
    assert.equal(expired.length, 4);
    assert.equal(wheel.size, 0);
  });

  it("has no timer after it was disposed of", () => {
    const { clock, wheel, expired } = open();
    wheel.add("a", 10);
    wheel[Symbol.dispose]();
    clock.advance(100);
    assert.deepEqual([expired.length, clock.waiting, wheel.size], [0, 0, 0]);
  });

  it("expires exactly what a list of all deadlines would, each in its tick", () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 0, max: 5_000 }) }),
      fc.record({ remove: fc.nat(30) }),
      fc.record({ wait: fc.integer({ min: 1, max: 3_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new FakeClock();
        const waiting = new Map<number, { dueAt: number; place: WheelPlace<number> }>();
        const wheel = new TimingWheel<number>(clock, (item) => {
          const { dueAt } = waiting.get(item) ?? assert.fail("it expired twice, or was removed");
          waiting.delete(item);
          const lateMs = clock.now() - dueAt;
          assert.ok(lateMs >= 0 && lateMs <= 2 * TICK_MS, `${lateMs} ms late`);
        });
        let items = 0;
        for (const each of steps) {
          if ("add" in each) {
            const item = items++;
            const dueAt = clock.now() + each.add;
            waiting.set(item, { dueAt, place: wheel.add(item, dueAt) });
          } else if ("remove" in each) {
            const known = waiting.get(each.remove);
            if (known !== undefined) wheel.remove(known.place, each.remove);
            waiting.delete(each.remove);
          } else clock.advance(each.wait);
          assert.equal(wheel.size, waiting.size);
        }
        clock.advance(20_000);
        assert.deepEqual([wheel.size, waiting.size, clock.waiting], [0, 0, 0]);
      }),
      { numRuns: 200, seed: 11 },
    );
  });
});
