import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordingLog } from "../../../src/testing/recording-log.ts";

test("a recording log keeps every line with its fields, and tells the whispers apart", () => {
  const log = new RecordingLog();
  log.with({ namer: "fs" }).warn("namer.stale", { name: "/users" });
  log.debug("namer.stale");
  assert.equal(log.lines.length, 2);
  assert.deepEqual(log.told("namer.stale"), [
    { level: "warn", event: "namer.stale", fields: { namer: "fs", name: "/users" } },
  ]);
});
