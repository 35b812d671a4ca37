import assert from "node:assert/strict";
import { it } from "node:test";
import { cellsAt, SharedSlots } from "../../../src/threads/shared-slots.ts";

it("slots of one size share pages, overlap nowhere, and are used again when they were freed", () => {
  const pages: SharedArrayBuffer[] = [];
  const slots = new SharedSlots((page, cells) => {
    assert.equal(page, pages.length);
    pages.push(cells);
  });
  const taken = [
    ...Array.from({ length: 70 }, () => slots.take(244)),
    ...Array.from({ length: 9_000 }, () => slots.take(1)),
  ];
  for (const [at, slot] of taken.entries()) slot.cells.fill(at);
  for (const [at, { page, at: start, cells }] of taken.entries()) {
    const seen = cellsAt(pages[page] as SharedArrayBuffer, start, cells.length);
    assert.ok(seen.every((value) => value === at));
  }
  assert.equal(pages.length, 3 + 2);
  const [first] = taken;
  assert.ok(first);
  slots.free(first);
  assert.notEqual(slots.take(1), first);
  assert.equal(slots.take(244), first);
  assert.equal(pages.length, 5);
});
