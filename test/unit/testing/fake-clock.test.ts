import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

describe("the fake clock", () => {
  it("fires timers in order at their time, also those that are set on the way", () => {
    const clock = new FakeClock(1000);
    const fired: string[] = [];
    clock.timer(20, () => fired.push(`b@${clock.now()}`));
    clock.timer(10, () => {
      fired.push(`a@${clock.now()}`);
      clock.timer(5, () => fired.push(`c@${clock.now()}`));
    });
    clock.timer(20, () => fired.push(`d@${clock.now()}`));
    clock.timer(12, () => fired.push("never"))[Symbol.dispose]();
    assert.equal(clock.nextIn, 10);
    clock.advance(25);
    assert.deepEqual(fired, ["a@10", "c@15", "b@20", "d@20"]);
    assert.deepEqual([clock.now(), clock.wall(), clock.waiting, clock.nextIn], [25, 1025, 0, undefined]);
  });

  it("moves the wall alone when it jumps", () => {
    const clock = new FakeClock(1000);
    clock.jumpWall(-500);
    assert.deepEqual([clock.now(), clock.wall()], [0, 500]);
  });

  it("follows up promises between timers when it advances asynchronously", async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const loop = async (): Promise<void> => {
      for (let turns = 0; turns < 3; turns++) {
        await new Promise<void>((resolve) => clock.timer(10, resolve));
        at.push(clock.now());
      }
    };
    const running = loop();
    await clock.advanceAsync(100);
    await running;
    assert.deepEqual(at, [10, 20, 30]);
  });
});
