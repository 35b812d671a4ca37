import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { packRows, unpackRows } from "../../../src/base/packed-rows.ts";

/** Few letters, so that rows have much in common, or any but the marks. */
const word = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 80 }),
  fc.string({ unit: "binary" }).map((each) => each.replaceAll(/[\n ]/g, "")),
);
const rest = fc.option(fc.oneof(word, fc.constantFrom("80", "8080")), { nil: undefined });
const row = fc.tuple(word, rest, rest, rest);

test("rows that are packed are as they were", () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const text = packRows(rows);
      assert.ok(text !== undefined);
      assert.deepEqual(unpackRows(text), rows);
    }),
  );
});

test("what a row has in common with the one above it is not written again", () => {
  const rows = [
    ["10.0.0.1", undefined, "users-7d4b9c8f6d-abcde", "80"],
    ["10.0.0.2", undefined, "users-7d4b9c8f6d-fghij", "80"],
    ["10.0.1.2", undefined, "users-7d4b9c8f6d-fghij", "80"],
  ];
  assert.equal(packRows(rows), "010.0.0.1  0users-7d4b9c8f6d-abcde 080\n72  hfghij\n51.2");
});

test("a field with a mark in it is not packed", () => {
  for (const mark of ["\n", " "]) assert.equal(packRows([["a"], [`b${mark}`]]), undefined);
});
