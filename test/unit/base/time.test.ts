import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Backoff, sleep, systemClock, systemRandom } from "../../../src/base/time.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

describe("sleep", () => {
  it("ends after its time, or with the signal's reason, and leaves no timer", async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const slept = sleep(clock, 100, stop.signal);
    clock.advance(100);
    await slept;
    const stopped = sleep(clock, 100, stop.signal);
    stop.abort(new Error("closing"));
    await assert.rejects(stopped, { message: "closing" });
    await assert.rejects(sleep(clock, 100, stop.signal), { message: "closing" });
    assert.equal(clock.waiting, 0);
  });
});

describe("a back-off", () => {
  it("doubles to its cap, in the upper half of each step, and starts again after a success", () => {
    const backoff = new Backoff(100, 1000, { next: () => 0.5 });
    assert.deepEqual(
      Array.from({ length: 6 }, () => backoff.next()),
      [75, 150, 300, 600, 750, 750],
    );
    backoff.reset();
    assert.equal(backoff.next(), 75);
  });
});

describe("the system's clock and random", () => {
  it("move, and call once", async () => {
    const before = systemClock.now();
    await new Promise<void>((resolve) => {
      const keep = setInterval(() => undefined, 1000);
      systemClock.timer(1, () => {
        clearInterval(keep);
        resolve();
      });
    });
    assert.ok(systemClock.now() > before);
    assert.ok(Math.abs(systemClock.wall() - Date.now()) < 1000);
    const drawn = systemRandom.next();
    assert.ok(drawn >= 0 && drawn < 1);
  });
});

it("a time that is over is waited for no longer, and without a warning of Node's", async () => {
  const warned: string[] = [];
  const hear = ({ message }: Error): void => void warned.push(message);
  process.on("warning", hear);
  await sleep(systemClock, -1);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", hear);
  assert.deepEqual(warned, []);
});
