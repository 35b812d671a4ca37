/** Tests of Huffman's code. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodedBound, decodeHuffman } from "../../../src/http2/huffman.ts";
import { bitsToBytes, hex, huffman, huffmanCodes } from "../../fakes/header-blocks.ts";

/** The text of a code that stands within other bytes; -1 where it is broken. */
function read(code: Buffer): string | -1 {
  const around = Buffer.concat([Buffer.from([0]), code, Buffer.from([0, 0, 0, 0, 0])]);
  const out = Buffer.alloc(decodedBound(code.length) + 1, 7);
  const length = decodeHuffman(around, 1, 1 + code.length, out);
  assert.equal(out[out.length - 1], 7, "the bound holds");
  return length < 0 ? -1 : out.toString("latin1", 0, length);
}

const codeOf = (symbol: number): string => huffmanCodes[symbol] as string;

describe("Huffman's code", () => {
  it("reads the texts of RFC 7541 appendix C", () => {
    assert.equal(read(hex("f1e3 c2e5 f23a 6ba0 ab90 f4ff")), "www.example.com");
    assert.equal(read(hex("a8eb 1064 9cbf")), "no-cache");
    assert.equal(read(hex("25a8 49e9 5bb8 e8b4 bf")), "custom-value");
    assert.equal(read(hex("d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff")), "Mon, 21 Oct 2013 20:13:21 GMT");
    assert.equal(read(hex("9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3")), "https://www.example.com");
    const cookie = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
    const code =
      "94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07";
    assert.equal(read(hex(code)), cookie);
  });

  it("is whole: its codes fill the tree, and each begins with no other", () => {
    const sum = huffmanCodes.reduce((total, code) => total + 2 ** -code.length, 0);
    assert.equal(huffmanCodes.length, 257);
    assert.equal(sum, 1);
  });

  it("reads every byte alone, and before and behind every other", () => {
    for (let byte = 0; byte < 256; byte++) {
      const text = String.fromCharCode(byte);
      assert.equal(read(huffman(text)), text);
      for (let other = 0; other < 256; other += 7) {
        const pair = `${text}${String.fromCharCode(other)}${text}`;
        assert.equal(read(huffman(pair)), pair);
      }
    }
  });

  it("reads nothing as nothing", () => {
    assert.equal(read(Buffer.alloc(0)), "");
  });

  it("refuses the end of a string within it, at any bit", () => {
    for (let shift = 0; shift < 8; shift++) {
      assert.equal(read(bitsToBytes(codeOf(48).repeat(shift) + codeOf(256))), -1);
      assert.equal(read(bitsToBytes(codeOf(48).repeat(shift) + codeOf(256) + codeOf(97))), -1);
    }
  });

  it("refuses more than seven bits of filling", () => {
    assert.equal(read(hex("ff")), -1);
    assert.equal(read(hex("ffff")), -1);
    assert.equal(read(hex("ffffff")), -1);
    // "a" with its own three bits of filling is whole; eight more are not.
    assert.equal(read(bitsToBytes(codeOf(97))), "a");
    assert.equal(read(Buffer.concat([bitsToBytes(codeOf(97)), hex("ff")])), -1);
  });

  it("refuses filling that is not ones", () => {
    for (let wrong = 0; wrong < 7; wrong++)
      assert.equal(read(bitsToBytes(`${codeOf(97)}${wrong.toString(2).padStart(3, "0")}`)), -1);
    assert.equal(read(bitsToBytes(`${codeOf(97)}111`)), "a");
  });

  it("refuses a code that is cut", () => {
    for (const byte of [0, 1, 10, 92, 127, 128, 200, 255]) {
      const bits = codeOf(byte);
      for (let length = 8; length < bits.length; length += 8)
        assert.equal(read(bitsToBytes(bits.slice(0, length))), -1);
    }
  });
});
