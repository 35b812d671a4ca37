/** Tests of the free list of streams. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { StreamPool } from "../../../src/http2/stream-pool.ts";

it("what was given back is taken again, up to the capacity", () => {
  let made = 0;
  const pool = new StreamPool(() => ++made, 2);
  assert.deepEqual([pool.take(), pool.take(), pool.take()], [1, 2, 3]);
  for (const each of [1, 2, 3]) pool.give(each);
  assert.deepEqual([pool.take(), pool.take(), pool.take()], [2, 1, 4]);
});
