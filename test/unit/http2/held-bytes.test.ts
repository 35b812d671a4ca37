/** Tests of bytes that wait. */
import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { HeldBytes } from "../../../src/http2/held-bytes.ts";

it("what was added is taken in order, and once", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 20 }), (pieces) => {
      const held = new HeldBytes();
      const all = Buffer.concat(pieces);
      for (const piece of pieces) {
        held.add(piece, 0, piece.length);
        piece.fill(0);
      }
      assert.equal(held.length, all.length);
      assert.deepEqual(Buffer.concat([held.take() ?? Buffer.alloc(0)]), all);
      assert.equal(held.length, 0);
      assert.equal(held.take(), undefined);
    }),
  );
});

it("a part of what is shown is added", () => {
  const held = new HeldBytes();
  held.add(Buffer.from("abcdef"), 2, 4);
  held.add(Buffer.from("x"), 0, 1);
  assert.equal(held.take()?.toString(), "cdx");
  held.add(Buffer.from("y"), 0, 1);
  held.clear();
  assert.equal(held.length, 0);
});
