import assert from "node:assert/strict";
import { test } from "node:test";
import { gathered } from "../../../src/admin/gathered.ts";

test("short texts go together, long ones alone, and none is lost", () => {
  const texts = [..."abc".repeat(40_000), "x".repeat(100_000), "end"];
  const pieces = [...gathered(texts)];
  assert.equal(pieces.join(""), texts.join(""));
  assert.ok(pieces.length < 200, `${pieces.length}`);
  assert.ok(pieces.every((piece) => piece.length < 200_000));
  assert.deepEqual([...gathered([])], []);
});

test("of many empty texts it says now and then that it has nothing, so that others may go on", () => {
  const pieces = [...gathered(Array.from({ length: 10_000 }, () => ""))];
  assert.deepEqual(new Set(pieces), new Set([""]));
  assert.ok(pieces.length >= 9);
});
