import assert from "node:assert/strict";
import { test } from "node:test";
import { BurstLog } from "../../../src/base/burst-log.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";

test("of twenty thousand names at once five lines are told, the rest is whispered", () => {
  const log = new RecordingLog();
  const burst = new BurstLog(log, new FakeClock(), "warn", "name.lost");
  for (let at = 0; at < 20_000; at++) burst.happened({ name: `/n${at}` });
  assert.deepEqual(
    log.told("name.lost").map(({ level, fields }) => [level, fields["name"], fields["names"]]),
    [
      ["warn", "/n0", undefined],
      ["warn", "/n9", 10],
      ["warn", "/n99", 100],
      ["warn", "/n999", 1_000],
      ["warn", "/n9999", 10_000],
    ],
  );
  assert.equal(log.lines.length, 20_000);
});

test("what happens a minute later is told by its name again", () => {
  const log = new RecordingLog();
  const clock = new FakeClock();
  const burst = new BurstLog(log, clock, "info", "name.lost");
  burst.happened({ name: "/a" });
  clock.advance(59_999);
  burst.happened({ name: "/b" });
  clock.advance(1);
  burst.happened({ name: "/c" });
  assert.deepEqual(
    log.told("name.lost").map(({ fields }) => fields["name"]),
    ["/a", "/c"],
  );
});
