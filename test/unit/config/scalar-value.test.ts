import assert from "node:assert/strict";
import { test } from "node:test";
import { surpriseIn, typePlainScalar } from "../../../src/config/scalar-value.ts";

test("plain scalars are typed as Linkerd 1 typed them", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["true", true],
    ["Yes", true],
    ["OFF", false],
    ["y", "y"],
    ["tRUE", "tRUE"],
    ["", null],
    ["~", null],
    ["Null", null],
    ["+5", 5],
    ["1_000", 1000],
    ["0777", 777],
    ["010054", 10_054],
    ["08", 8],
    ["0x1F", "0x1F"],
    ["0o17", "0o17"],
    ["1.", 1],
    [".5", 0.5],
    ["1e3", 1000],
    ["1_0.5", 10.5],
    ["127.1", 127.1],
    ["127.0.0.1", "127.0.0.1"],
    ["12:30", "12:30"],
    ["2020-01-01", "2020-01-01"],
    ["=", "="],
    [".inf", Number.NaN],
  ];
  for (const [text, value] of cases) assert.deepEqual(typePlainScalar(text), value, text);
});

test("what YAML 1.1 or 1.2 reads otherwise surprises, the rest does not", () => {
  assert.ok(surpriseIn("yes", true));
  assert.ok(surpriseIn("0777", 777));
  assert.ok(surpriseIn("1_000", 1000));
  for (const [text, value] of [
    ["true", true],
    ["0", 0],
    ["10", 10],
    ["0.5", 0.5],
    ["-1", -1],
  ] as const) {
    assert.equal(surpriseIn(text, value), undefined, text);
  }
});
