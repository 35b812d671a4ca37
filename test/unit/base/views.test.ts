/** Tests of the views of a memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Views } from "../../../src/base/views.ts";

test("a view is the beginning of its memory, and a short one is made once", () => {
  const memory = Buffer.from("x".repeat(4096));
  const views = new Views(memory);
  for (const length of [0, 1, 1024, 1025, 4096]) {
    const view = views.of(length);
    assert.equal(view.length, length);
    assert.equal(view.buffer, memory.buffer);
    assert.equal(view.byteOffset, memory.byteOffset);
  }
  assert.equal(views.of(1024), views.of(1024));
  assert.notEqual(views.of(1025), views.of(1025));
  memory.write("y");
  assert.equal(views.of(2).toString(), "yx");
});
