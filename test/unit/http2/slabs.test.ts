/** Tests of the memory that is used again. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { SLAB_BYTES, Slabs } from "../../../src/http2/slabs.ts";

it("a slab that was given back is taken again, and only so many are kept", () => {
  const slabs = new Slabs();
  const first = slabs.take();
  assert.equal(first.length, SLAB_BYTES);
  slabs.give(first);
  assert.equal(slabs.take(), first);
  const many = Array.from({ length: 40 }, () => slabs.take());
  for (const slab of many) slabs.give(slab);
  const again = new Set(Array.from({ length: 40 }, () => slabs.take()));
  assert.equal(many.filter((slab) => again.has(slab)).length, 32);
});
