import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readGrpcTimeout, showGrpcTimeout } from "../../../src/router/grpc-timeout.ts";

test("each unit is read", () => {
  const read = ["2H", "3M", "5S", "7m", "11000u", "13000000n", "0n", "00000001S"].map(readGrpcTimeout);
  assert.deepEqual(
    read.map((ms) => ms && Math.round(ms)),
    [7_200_000, 180_000, 5_000, 7, 11, 13, 0, 1_000],
  );
});

test("what is not one to eight digits and a unit is none", () => {
  for (const text of [
    "",
    "5",
    "S",
    "123456789m",
    "-1S",
    "1.5S",
    " 1S",
    "1S ",
    "1s",
    "1h",
    "1µ",
    "+1S",
    "0x1S",
    "1SS",
  ]) {
    assert.equal(readGrpcTimeout(text), undefined, JSON.stringify(text));
  }
});

test("what is shown reads as no more than was left, and as nearly all of it", () => {
  const left = fc.double({ min: 0, max: 4e11, noNaN: true });
  fc.assert(
    fc.property(left, (ms) => {
      const text = showGrpcTimeout(ms);
      assert.match(text, /^\d{1,8}[umS]$/);
      const shown = readGrpcTimeout(text) ?? assert.fail(text);
      assert.ok(shown <= ms + 1e-6, text);
      assert.ok(ms - shown < Math.max(0.0011, ms * 0.001) || text === "99999999S", `${ms} became ${text}`);
    }),
    { seed: 11 },
  );
});
