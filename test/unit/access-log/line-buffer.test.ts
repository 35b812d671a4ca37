import assert from "node:assert/strict";
import { test } from "node:test";
import { LineBuffer } from "../../../src/access-log/line-buffer.ts";

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("latin1");

test("lines come out whole and in order, byte for byte", () => {
  const buffer = new LineBuffer(16);
  assert.equal(buffer.take(), undefined);
  assert.ok(buffer.add("caf\u00e9\n"));
  assert.ok(buffer.add("b\n"));
  const lines = buffer.take();
  assert.deepEqual([text(lines?.bytes), lines?.count, buffer.isEmpty], ["caf\u00e9\nb\n", 2, true]);
});

test("one piece fills while the other is on its way, and no third is ever made", () => {
  const buffer = new LineBuffer(8);
  assert.ok(buffer.add("12345\n"));
  assert.ok(buffer.isHalfFull);
  assert.ok(!buffer.add("789\n"), "a line is not cut");
  const first = buffer.take();
  assert.ok(buffer.add("abc\n"));
  assert.equal(buffer.take(), undefined, "the writer has not said that it is done");
  assert.equal(text(first?.bytes), "12345\n", "what is on its way is left alone");
  buffer.release();
  assert.equal(text(buffer.take()?.bytes), "abc\n");
});
