import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JsonLog } from "../../../src/base/json-log.ts";
import { OutageLog } from "../../../src/base/outage-log.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

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
});
