import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JsonLog } from "../../../src/base/json-log.ts";
import { OutageLog } from "../../../src/base/outage-log.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";

describe("the outage log", () => {
  it("warns of the first failure, whispers the rest, and tells the recovery once", () => {
    const lines: string[] = [];
    const clock = new FakeClock(0);
    const log = new JsonLog((line) => lines.push(line), clock);
    log.threshold.level = "debug";
    const outage = new OutageLog(log, clock, { failed: "namer.stale", recovered: "namer.recovered" });
    outage.succeeded();
    outage.failed(new Error("refused"));
    clock.advance(1500);
    outage.failed(new Error("refused"), { name: "/a" });
    assert.equal(outage.isDown, true);
    outage.succeeded();
    outage.succeeded();
    outage.failed(new Error("again"));
    const told = lines.map((line) => {
      const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
      assert.ok(time);
      return rest;
    });
    assert.deepEqual(told, [
      { level: "warn", event: "namer.stale", cause: "refused" },
      { level: "debug", event: "namer.stale", name: "/a", cause: "refused" },
      { level: "info", event: "namer.recovered", downMs: 1500, failures: 2 },
      { level: "warn", event: "namer.stale", cause: "again" },
    ]);
  });

  it("tells one outage at a time of what is down again and again, and one that lasts all the same", () => {
    const clock = new FakeClock(0);
    const log = new RecordingLog();
    const outage = new OutageLog(log, clock, { failed: "name.lost", recovered: "name.found" }, 5_000);
    for (let time = 0; time < 50; time++) {
      outage.failed(new Error("refused"));
      outage.succeeded();
      clock.advance(10);
    }
    assert.deepEqual([log.told("name.lost").length, log.told("name.found").length], [1, 1]);
    outage.failed(new Error("for long"));
    assert.equal(log.told("name.lost").length, 1);
    clock.advance(5_000);
    outage.failed(new Error("for long"));
    outage.failed(new Error("for long"));
    outage.succeeded();
    assert.deepEqual([log.told("name.lost").length, log.told("name.found").length], [2, 2]);
  });
});
