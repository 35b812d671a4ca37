import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Deadline, DeadlineQueue } from "../../src/base/deadlines.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

const step = fc.oneof(
  fc.record({ do: fc.constant("add" as const), item: fc.nat(7) }),
  fc.record({ do: fc.constant("remove" as const), item: fc.nat(7) }),
  fc.record({ do: fc.constant("advance" as const), item: fc.nat(70) }),
);

describe("the laws of a queue of deadlines", () => {
  it("expires exactly what a naive list of due times would, at the same moments", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
        const clock = new FakeClock();
        const given = new Map<number, Deadline<number>>();
        const expired: string[] = [];
        const queue = new DeadlineQueue<number>(100, clock, (item) => expired.push(`${item}@${clock.now()}`));
        const remove = (item: number): void => {
          const deadline = given.get(item);
          if (deadline) queue.remove(deadline, item);
        };
        const due = new Map<number, number>();
        const wanted: string[] = [];
        for (const each of steps) {
          if (each.do === "add") {
            remove(each.item);
            given.set(each.item, queue.add(each.item));
            due.delete(each.item);
            due.set(each.item, clock.now() + 100);
          } else if (each.do === "remove") {
            remove(each.item);
            due.delete(each.item);
          } else {
            clock.advance(each.item);
            for (const [item, at] of due) {
              if (at > clock.now()) continue;
              wanted.push(`${item}@${at}`);
              due.delete(item);
            }
          }
          assert.equal(queue.size, due.size);
          assert.ok(clock.waiting <= 1);
        }
        assert.deepEqual(expired, wanted);
        queue[Symbol.dispose]();
        assert.equal(clock.waiting, 0);
      }),
    );
  });
});
