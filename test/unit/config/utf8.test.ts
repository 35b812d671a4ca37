import assert from "node:assert/strict";
import { test } from "node:test";
import { readUtf8 } from "../../../src/config/utf8.ts";

test("UTF-8 is read as it is, a mark before it too", () => {
  for (const text of ["", "a: ü\nb: 漢\n", "\u{FEFF}a: 1\n"]) assert.equal(readUtf8(Buffer.from(text)), text);
});

test("bytes of another encoding are told with their line, and no letter of them is made up", () => {
  const latin1 = Buffer.from("a: 1\nb: caf\u00e9\nc: 2\n", "latin1");
  assert.throws(() => readUtf8(latin1), { message: "line 2 is not UTF-8; write it in UTF-8" });
  assert.throws(() => readUtf8(Buffer.from([0xe9])), { message: "line 1 is not UTF-8; write it in UTF-8" });
  const utf16 = Buffer.from("\u{FEFF}a: 1\n", "utf16le");
  assert.throws(() => readUtf8(utf16), { message: "it is written in UTF-16; write it in UTF-8" });
  assert.throws(() => readUtf8(utf16.swap16()), { message: "it is written in UTF-16; write it in UTF-8" });
});
