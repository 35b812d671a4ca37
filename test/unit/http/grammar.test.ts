/** Tests of the byte tables of RFC 9110. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isFieldValue, isToken, TOKEN, trimOws, VALUE } from "../../../src/http/grammar.ts";

describe("grammar", () => {
  it("knows every byte of a token, and its lower case", () => {
    for (let byte = 0; byte < 256; byte++) {
      const sign = String.fromCharCode(byte);
      const isTchar = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/.test(sign);
      assert.equal(TOKEN[byte], isTchar ? sign.toLowerCase().charCodeAt(0) : 0, `byte ${byte}`);
      assert.equal(isToken(`a${sign}`), isTchar, `byte ${byte}`);
    }
    assert.equal(isToken(""), false);
  });

  it("lets a field value hold what is visible, white, or above 0x7f", () => {
    for (let byte = 0; byte < 256; byte++) {
      const isAllowed = byte === 9 || (byte >= 32 && byte !== 127);
      assert.equal(VALUE[byte] === 1, isAllowed, `byte ${byte}`);
      assert.equal(isFieldValue(String.fromCharCode(byte)), isAllowed, `byte ${byte}`);
    }
  });

  it("lets no character through that latin1 would cut to a line end", () => {
    for (const sign of ["\u010d", "\u010a", "\u0100", "\u{1f600}"]) {
      assert.equal(isFieldValue(`a${sign}b`), false);
      assert.equal(isToken(`a${sign}b`), false);
    }
  });

  it("trims spaces and tabs, and nothing else", () => {
    assert.equal(trimOws(" \t a b\t "), "a b");
    assert.equal(trimOws("\xa0a\xa0"), "\xa0a\xa0");
    assert.equal(trimOws(" \t "), "");
  });
});
