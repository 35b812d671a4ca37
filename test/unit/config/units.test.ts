import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration, parseSize } from "../../../src/config/units.ts";

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
