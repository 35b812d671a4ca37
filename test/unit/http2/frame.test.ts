/** Tests of the numbers in frames. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { frameType, PREFACE, uint31, uint32 } from "../../../src/http2/frame.ts";

it("31 bits are read without the reserved one, 32 with it", () => {
  const bytes = Buffer.from([0, 0xff, 0xff, 0xff, 0xfe]);
  assert.equal(uint31(bytes, 1), 2 ** 31 - 2);
  assert.equal(uint32(bytes, 1), 2 ** 32 - 2);
  assert.equal(uint32(Buffer.from([0x80, 0, 0, 0]), 0), 2 ** 31);
});

it("the preface is the 24 bytes of the RFC, and the types have its numbers", () => {
  assert.equal(PREFACE.toString("hex"), "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a");
  assert.deepEqual(Object.values(frameType), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
