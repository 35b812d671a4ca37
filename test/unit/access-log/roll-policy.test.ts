import assert from "node:assert/strict";
import { test } from "node:test";
import { momentOf, periodOf, readRollPolicy } from "../../../src/access-log/roll-policy.ts";

const at = (month: number, day: number, hour = 0, minute = 0, second = 0): number =>
  new Date(2026, month - 1, day, hour, minute, second).getTime();

test("times and sizes are read in any case, in the singular and in the plural", () => {
  assert.deepEqual(readRollPolicy("Never"), { kind: "never" });
  assert.deepEqual(readRollPolicy("sighup"), { kind: "never" });
  assert.deepEqual(readRollPolicy("HOURLY"), { kind: "hourly" });
  assert.deepEqual(readRollPolicy("daily"), { kind: "daily" });
  assert.deepEqual(readRollPolicy("Weekly(1)"), { kind: "weekly", day: 0 });
  assert.deepEqual(readRollPolicy("10.megabytes"), { kind: "size", bytes: 10 * 1_048_576 });
  assert.deepEqual(readRollPolicy("1.gigabyte"), { kind: "size", bytes: 1_073_741_824 });
  assert.deepEqual(readRollPolicy("500.bytes"), { kind: "size", bytes: 500 });
});

test("what says neither is refused", () => {
  for (const text of ["", "monthly", "weekly(8)", "weekly", "10 MB", "0.bytes", "10.parsecs", "1.s"]) {
    assert.throws(() => readRollPolicy(text), /says no time and no size/, text);
  }
});

test("a period is named by its beginning, by the local clock", () => {
  assert.equal(periodOf({ kind: "hourly" }, at(11, 7, 5, 59)), "20261107-05");
  assert.equal(periodOf({ kind: "daily" }, at(1, 2, 23)), "20260102");
  // The 27th of November 2026 is a Friday.
  assert.equal(periodOf({ kind: "weekly", day: 0 }, at(11, 27, 12)), "20261122");
  assert.equal(periodOf({ kind: "weekly", day: 5 }, at(11, 27)), "20261127");
  assert.equal(periodOf({ kind: "weekly", day: 6 }, at(11, 27)), "20261121");
  assert.equal(periodOf({ kind: "never" }, at(11, 27)), "");
  assert.equal(momentOf(at(11, 27, 9, 8, 7)), "20261127-090807");
});
