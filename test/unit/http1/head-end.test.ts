/** Tests of the search for the end of a head: it finds what a plain search does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { headEnd } from "../../../src/http1/head-end.ts";

test("the end of a head is where its first empty line is", () => {
  const head = Buffer.from("xxGET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  assert.equal(headEnd(head, 2), 25);
  assert.equal(headEnd(head, 26), 43);
  assert.equal(headEnd(head, 44), -1);
  assert.equal(headEnd(Buffer.alloc(0), 0), -1);
  assert.equal(headEnd(head.subarray(0, 28), 2), -1);
});

test("of whatever bytes, it is found where a search for its four bytes finds it", () => {
  const piece = fc.constantFrom("\r", "\n", "\r\n", "a", "ab", "abc", "\r\n\r\n");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(10), (pieces, from) => {
      const bytes = Buffer.from(pieces.join(""), "latin1");
      assert.equal(headEnd(bytes, from), bytes.indexOf("\r\n\r\n", from, "latin1"));
    }),
  );
});
