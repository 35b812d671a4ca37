import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WritePace } from "../../../src/bridge/write-pace.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

describe("the pace of writes", () => {
  it("lets a batch through and waits for it afterwards", async () => {
    const clock = new FakeClock();
    const pace = new WritePace(clock, 100);
    assert.equal(pace.waitMs, 0);
    pace.spend(50);
    pace.spend(50);
    assert.equal(pace.waitMs, 1_000);
    let isReady = false;
    void pace.ready(new AbortController().signal).then(() => (isReady = true));
    await clock.advanceAsync(999);
    assert.ok(!isReady);
    await clock.advanceAsync(1);
    assert.ok(isReady);
  });

  it("saves nothing up while nothing is written", () => {
    const clock = new FakeClock();
    const pace = new WritePace(clock, 100);
    clock.advance(60_000);
    pace.spend(10);
    assert.equal(pace.waitMs, 100);
  });

  it("ends its waits when it is called off", async () => {
    const pace = new WritePace(new FakeClock(), 1);
    pace.spend(5);
    const off = new AbortController();
    const waiting = pace.ready(off.signal);
    off.abort(new Error("closed"));
    await assert.rejects(waiting, /closed/);
  });
});
