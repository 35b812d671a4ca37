import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { packRows, unpackRows } from "../../../../namers/kubernetes/packed-rows.ts";

/** Few letters, so that rows have much in common, or any but the marks. */
const word = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 80 }),
  fc.string({ unit: "binary" }).map((each) => each.replaceAll(/[\n ]/g, "")),
);
const row = fc
  .tuple(word, fc.array(fc.option(word, { nil: undefined }), { maxLength: 4 }))
  .map((parts) => parts.flat());

const trimmed = (fields: readonly (string | undefined)[]): readonly (string | undefined)[] =>
  fields.slice(0, fields.findLastIndex((each) => each !== undefined) + 1);

test("rows that are packed are as they were", () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const text = packRows(rows);
      assert.ok(text !== undefined);
      assert.deepEqual(unpackRows(text), rows.map(trimmed));
    }),
  );
});

test("what a row has in common with the one above it is not written again", () => {
  const rows = [
    ["10.0.0.1", undefined, "users-7d4b9c8f6d-abcde"],
    ["10.0.0.2", undefined, "users-7d4b9c8f6d-fghij"],
  ];
  assert.equal(packRows(rows), "010.0.0.1  0users-7d4b9c8f6d-abcde\n72  hfghij");
});

test("a field with a mark in it is not packed", () => {
  for (const mark of ["\n", " "]) assert.equal(packRows([["a"], ["a", `b${mark}`]]), undefined);
});
