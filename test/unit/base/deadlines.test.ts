import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Deadline, DeadlineQueue } from "../../../src/base/deadlines.ts";
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
    queue.add(new Deadline("a"));
    clock.advance(30);
    queue.add(new Deadline("b"));
    assert.equal(clock.waiting, 1);
    clock.advance(200);
    assert.deepEqual(expired, ["a@100", "b@130"]);
    assert.deepEqual([clock.waiting, queue.size], [0, 0]);
  });

  it("forgets what is removed, at any place", () => {
    const { clock, queue, expired } = open();
    const all = ["a", "b", "c"].map((item) => new Deadline(item));
    for (const each of all) queue.add(each);
    queue.remove(all[1] as Deadline<string>);
    queue.remove(all[1] as Deadline<string>);
    assert.deepEqual([all[1]?.isWaiting, all[0]?.isWaiting], [false, true]);
    clock.advance(100);
    assert.deepEqual(expired, ["a@100", "c@100"]);
  });

  it("starts the time of an item again when it is added again", () => {
    const { clock, queue, expired } = open();
    const a = new Deadline("a");
    queue.add(a);
    queue.add(new Deadline("b"));
    clock.advance(60);
    queue.add(a);
    clock.advance(200);
    assert.deepEqual(expired, ["b@100", "a@160"]);
  });

  it("lets the one who hears of an expiry add and remove", () => {
    const clock = new FakeClock();
    const expired: string[] = [];
    const b = new Deadline("b");
    const c = new Deadline("c");
    const queue: DeadlineQueue<string> = new DeadlineQueue<string>(100, clock, (item) => {
      expired.push(`${item}@${clock.now()}`);
      if (item !== "a") return;
      queue.remove(b);
      queue.add(c);
    });
    queue.add(new Deadline("a"));
    queue.add(b);
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
    queue.add(new Deadline("a"), 10);
    queue.add(new Deadline("b"), 0);
    assert.throws(() => clock.advance(150), /bug/);
    clock.advance(100);
    assert.deepEqual(expired, ["a@110", "b@110"]);
  });

  it("is silent once disposed", () => {
    const { clock, queue, expired } = open();
    const a = new Deadline("a");
    queue.add(a);
    queue[Symbol.dispose]();
    clock.advance(500);
    assert.deepEqual([expired, clock.waiting, a.isWaiting], [[], 0, false]);
  });
});
