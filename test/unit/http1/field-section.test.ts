/** Tests of the reading of fields. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readFields } from "../../../src/http1/field-section.ts";
import type { Flaw } from "../../../src/http1/flaw.ts";
import { HeadBlock } from "../../../src/http1/head-block.ts";

function flawOf(text: string, maxFields = 100): Flaw | undefined {
  const block = new HeadBlock();
  block.reset(text, 0);
  return readFields(Buffer.from(`${text}\r\n`, "latin1"), 0, 0, text.length, block, maxFields);
}

describe("a field section", () => {
  it("takes every byte of a name and a value that the grammar allows, and no other", () => {
    for (let byte = 0; byte < 256; byte++) {
      const sign = String.fromCharCode(byte);
      const inName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/.test(sign) || sign === ":";
      const inValue = byte === 9 || (byte >= 32 && byte !== 127);
      assert.equal(flawOf(`X${sign}Y: 1\r\n`) === undefined, inName, `byte ${byte} in a name`);
      assert.equal(flawOf(`X: 1${sign}2\r\n`) === undefined, inValue, `byte ${byte} in a value`);
    }
  });

  it("says what is wrong", () => {
    assert.equal(flawOf(" X: 1\r\n"), "field.fold");
    assert.equal(flawOf("X: 1\r\n\tY: 2\r\n"), "field.fold");
    assert.equal(flawOf("X : 1\r\n"), "field.name");
    assert.equal(flawOf(": 1\r\n"), "field.name");
    assert.equal(flawOf("X\r\n"), "field.name");
    assert.equal(flawOf("X: 1\n"), "head.ending");
    assert.equal(flawOf("X: 1\rY: 2\r\n"), "head.ending");
    assert.equal(flawOf("X: \0\r\n"), "field.value");
  });

  it("takes as many fields as the limit", () => {
    assert.equal(flawOf("X: 1\r\n".repeat(3), 3), undefined);
    assert.equal(flawOf("X: 1\r\n".repeat(4), 3), "head.fields");
    assert.equal(flawOf(""), undefined);
  });
});
