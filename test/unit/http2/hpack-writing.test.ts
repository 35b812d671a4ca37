/** Tests of the integers and strings of HPACK as they are written. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { INTEGER_BOUND, writeInteger, writeString } from "../../../src/http2/hpack-writing.ts";
import { integer, text } from "../../fakes/h2-hpack.ts";

describe("what is written", () => {
  it("is RFC 7541's integers, with every prefix", () => {
    const out = Buffer.alloc(16);
    for (const bits of [4, 5, 6, 7]) {
      const prefix = 2 ** bits - 1;
      const flags = 2 ** bits;
      for (const value of [
        0,
        1,
        prefix - 1,
        prefix,
        prefix + 1,
        prefix + 127,
        prefix + 128,
        1337,
        65_535,
        2 ** 31 - 1,
      ]) {
        const end = writeInteger(out, 1, flags, prefix, value);
        assert.deepEqual(out.subarray(1, end), integer(value, bits, flags), `${value} behind ${bits} bits`);
        assert.ok(end - 1 <= INTEGER_BOUND);
      }
    }
  });

  it("is strings as they are, short and long, whatever byte is in them", () => {
    for (const length of [0, 1, 47, 48, 49, 126, 127, 128, 300, 20_000]) {
      const value = "\u00ffaZ\u0080~".repeat(length).slice(0, length);
      const out = Buffer.alloc(length + 8);
      const end = writeString(out, 2, value);
      assert.deepEqual(out.subarray(2, end), text(value));
    }
  });
});
