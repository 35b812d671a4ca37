import assert from "node:assert/strict";
import { test } from "node:test";
import { showTable } from "../../../src/cli/table.ts";

test("columns are as wide as their widest cell, and lines have no space at their end", () => {
  assert.equal(
    showTable(
      ["A", "NAME"],
      [
        ["long", "x"],
        ["b", ""],
      ],
    ),
    "A     NAME\nlong  x\nb\n",
  );
});
