import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration, parseSize, showDuration } from "../../../src/config/units.ts";

test("durations have a unit and come out in ms", () => {
  assert.deepEqual(["2s", "500ms", "1.5m", "1h", "7d"].map(parseDuration), [2000, 500, 90_000, 3_600_000, 604_800_000]);
});

test("sizes have a unit and come out in bytes", () => {
  assert.deepEqual(["16KiB", "8MB", "100B", "1GiB"].map(parseSize), [16_384, 8_000_000, 100, 1_073_741_824]);
});

test("what has no unit, or another, is none", () => {
  for (const text of ["", "5", "5 s", "-1s", "1w", "s", "1e3s"]) assert.equal(parseDuration(text), undefined, text);
  for (const text of ["16", "16kb", "KiB"]) assert.equal(parseSize(text), undefined, text);
});

test("a duration is shown in the largest unit of which it is a whole number, and is read back as the same", () => {
  const shown = [0, 5, 1_500, 2_000, 90_000, 600_000, 7_200_000, 86_400_000].map(showDuration);
  assert.deepEqual(shown, ["0s", "5ms", "1500ms", "2s", "90s", "10m", "2h", "1d"]);
  for (const text of shown) assert.equal(showDuration(parseDuration(text) ?? -1), text);
});
