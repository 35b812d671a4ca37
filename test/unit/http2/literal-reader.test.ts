/** Tests of the strings that are known already. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { literals } from "../../../src/http2/literal-reader.ts";
import { huffman } from "../../fakes/header-blocks.ts";

function read(bytes: Buffer, isHuffman = false, isSecret = false): string {
  assert.equal(literals.read(bytes, 0, bytes.length, isHuffman, isSecret), true);
  return literals.text;
}

describe("the reader of strings", () => {
  it("reads each text in both forms, however often and long", () => {
    for (let round = 0; round < 3; round++) {
      for (let length = 0; length < 200; length += 3) {
        const text = `${length}:${"aZ~\u00ff\0"[length % 5]}`.repeat(length).slice(0, length);
        assert.equal(read(Buffer.from(text, "latin1")), text);
        assert.equal(read(huffman(text), true), text);
      }
    }
  });

  it("never takes one for the other, though thousands share the places", () => {
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 5000; index++) {
        const text = `value-${index}`;
        assert.equal(read(Buffer.from(text)), text);
        assert.equal(read(huffman(text), true), text);
      }
    }
  });

  it("does not take a code for the same bytes as they are", () => {
    const code = huffman("www");
    assert.equal(read(code, true), "www");
    assert.equal(read(code), code.toString("latin1"));
    assert.equal(read(code, true), "www");
  });

  it("says of each, known or not, whether it may be a value", () => {
    for (let round = 0; round < 2; round++) {
      for (const [text, isValue] of [
        ["ok", true],
        ["a b", true],
        ["", true],
        ["\u00ff", true],
        [" a", false],
        ["a\t", false],
        ["a\0", false],
        ["a\nb", false],
        ["\u007f", false],
      ] as const) {
        read(Buffer.from(text, "latin1"));
        assert.equal(literals.isValue, isValue, JSON.stringify(text));
      }
    }
  });

  it("reads a secret without keeping it", () => {
    const bytes = Buffer.from("a secret that nobody else sends");
    const first = read(bytes, false, true);
    assert.equal(read(bytes, false, true), first);
    bytes[0] = 0x41;
    assert.equal(read(bytes), "A secret that nobody else sends");
  });

  it("keeps nothing of a broken code", () => {
    const broken = Buffer.from([0xff, 0xff]);
    for (let round = 0; round < 2; round++) assert.equal(literals.read(broken, 0, 2, true, false), false);
    assert.equal(read(broken), "\u00ff\u00ff");
  });

  it("reads one whose text has more bytes than it keeps room for", () => {
    const text = "e".repeat(20_000);
    assert.equal(read(huffman(text), true), text);
  });
});
