import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { LineReader } from "../../../src/base/line-reader.ts";

test("lines are the same however their bytes were cut", () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replace(/\s+/g, "_"));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (lines, sizes) => {
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(""));
      const reader = new LineReader(1_000);
      const read: string[] = [];
      for (let from = 0, n = 0; from < bytes.length; n++) {
        const size = sizes[n % sizes.length] ?? 1;
        read.push(...reader.push(bytes.subarray(from, from + size)));
        from += size;
      }
      assert.deepEqual(
        read,
        lines.filter((each) => each.trim() !== "").map((each) => each.trim()),
      );
      assert.equal(reader.isWithin, false);
    }),
  );
});

test("a line that does not end is refused before it fills the memory", () => {
  const reader = new LineReader(10);
  assert.deepEqual(reader.push(Buffer.from("0123456789\n")), ["0123456789"]);
  assert.deepEqual(reader.push(Buffer.from("0123456")), []);
  assert.equal(reader.isWithin, true);
  assert.throws(() => reader.push(Buffer.from("789a")), /more than 10 bytes/);
});
