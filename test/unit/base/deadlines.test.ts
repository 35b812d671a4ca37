import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Deadline, DeadlineQueue } from "../../../src/base/deadlines.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

function open(): { clock: FakeClock; queue: DeadlineQueue<string>; expired: string[] } {
  const clock = new FakeClock();
  const expired: string[] = [];
  const queue = new DeadlineQueue<string>(100, clock, (item) => expired.push(`${item}@${clock.now()}`));
  return { clock, queue, expired };
}

describe("a queue of deadlines", () => {
  it("expires each item at its time with one timer", () => {
    const { clock, queue, expired } = open();
    queue.add("a");
    clock.advance(30);
    queue.add("b");
    assert.equal(clock.waiting, 1);
    clock.advance(200);
    assert.deepEqual(expired, ["a@100", "b@130"]);
    assert.deepEqual([clock.waiting, queue.size], [0, 0]);
  });

  it("forgets what is removed, at any place", () => {
    const { clock, queue, expired } = open();
    const [, b] = ["a", "b", "c"].map((item) => queue.add(item)) as [unknown, Deadline<string>];
    queue.remove(b, "b");
    queue.remove(b, "b");
    assert.equal(queue.size, 2);
    clock.advance(100);
    assert.deepEqual(expired, ["a@100", "c@100"]);
  });

  it("starts the time of an item again when it is removed and added again", () => {
    const { clock, queue, expired } = open();
    const a = queue.add("a");
    queue.add("b");
    clock.advance(60);
    queue.remove(a, "a");
    queue.add("a");
    clock.advance(200);
    assert.deepEqual(expired, ["b@100", "a@160"]);
  });

  it("lets the one who hears of an expiry add and remove", () => {
    const clock = new FakeClock();
    const expired: string[] = [];
    const queue: DeadlineQueue<string> = new DeadlineQueue<string>(100, clock, (item) => {
      expired.push(`${item}@${clock.now()}`);
      if (item !== "a") return;
      queue.remove(b, "b");
      queue.add("c");
    });
    queue.add("a");
    const b = queue.add("b");
    clock.advance(300);
    assert.deepEqual(expired, ["a@100", "c@200"]);
  });

  it("keeps the order when a caller's look at the clock is old, and goes on after an error", () => {
    const clock = new FakeClock();
    const expired: string[] = [];
    const queue = new DeadlineQueue<string>(100, clock, (item) => {
      expired.push(`${item}@${clock.now()}`);
      if (item === "a") throw new Error("bug");
    });
    queue.add("a", 10);
    queue.add("b", 0);
    assert.throws(() => clock.advance(150), /bug/);
    clock.advance(100);
    assert.deepEqual(expired, ["a@110", "b@110"]);
  });

  it("is silent once disposed", () => {
    const { clock, queue, expired } = open();
    queue.add("a");
    queue[Symbol.dispose]();
    clock.advance(500);
    assert.deepEqual([expired, clock.waiting, queue.size], [[], 0, 0]);
  });

  it("lends the place of one that is over to the next, and does not let the former one take it back", () => {
    const { clock, queue, expired } = open();
    const a = queue.add("a");
    queue.remove(a, "a");
    const b = queue.add("b");
    assert.equal(b, a);
    queue.remove(a, "a");
    clock.advance(100);
    assert.deepEqual(expired, ["b@100"]);
    assert.equal(queue.add("c"), a);
  });
});
