import assert from "node:assert/strict";
import { test } from "node:test";
import { controlHeapMb } from "../../src/control-heap.ts";

test("the control thread's heap is a quarter of the machine, between 512 and 4,096 MB", () => {
  assert.equal(controlHeapMb(undefined, 1_024), 512);
  assert.equal(controlHeapMb(undefined, 8_192), 2_048);
  assert.equal(controlHeapMb(undefined, 65_536), 4_096);
});

test("what the file says is the limit on any machine", () => {
  assert.equal(controlHeapMb(300, 65_536), 300);
  assert.equal(controlHeapMb(8_000, 1_024), 8_000);
});

test("a limit is found on this machine", () => {
  assert.ok(controlHeapMb(undefined) >= 512);
});
