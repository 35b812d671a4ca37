import assert from "node:assert/strict";
import { it } from "node:test";
import { cellOf, pageOf, SharedSlots } from "../../../src/threads/shared-slots.ts";

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
  const sizeOf = (at: number): number => (at < 70 ? 244 : 1);
  for (const [at, place] of taken.entries()) {
    slots.pageAt(place).fill(at, cellOf(place), cellOf(place) + sizeOf(at));
  }
  for (const [at, place] of taken.entries()) {
    const seen = new Float64Array(pages[pageOf(place)] as SharedArrayBuffer, cellOf(place) * 8, sizeOf(at));
    assert.ok(seen.every((value) => value === at));
  }
  assert.equal(pages.length, 3 + 2);
  const [first] = taken;
  assert.ok(first !== undefined);
  slots.free(first, 244);
  assert.notEqual(slots.take(1), first);
  assert.equal(slots.take(244), first);
  assert.equal(slots.pageAt(first)[cellOf(first)], 0);
  assert.equal(pages.length, 5);
});
