import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Settling } from "../../../src/bridge/settling.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

describe("how long what comes and goes waits", () => {
  it("is not at all the first time, then for a while, doubled each time, and for two minutes at most", () => {
    const clock = new FakeClock();
    const settling = new Settling(clock, 2_000);
    const waits = Array.from({ length: 9 }, () => {
      settling.withdrawn("a");
      return settling.waitOf("a");
    });
    assert.deepEqual(waits, [0, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 120_000, 120_000]);
    clock.advance(119_999);
    assert.equal(settling.waitOf("a"), 1);
    assert.equal(settling.waitOf("b"), 0);
  });

  it("begins anew after a calm time", () => {
    const clock = new FakeClock();
    const settling = new Settling(clock, 2_000);
    settling.withdrawn("a");
    clock.advance(200_000);
    settling.withdrawn("a");
    assert.equal(settling.waitOf("a"), 0);
  });

  it("is not at all where that is wanted", () => {
    const settling = new Settling(new FakeClock(), 0);
    for (let times = 0; times < 5; times++) settling.withdrawn("a");
    assert.equal(settling.waitOf("a"), 0);
  });
});
