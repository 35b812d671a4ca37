/** Tests of the bits of known fields. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bitOfName, known, knownBit, nameHash, ownBit, sameName } from "../../../src/http/known-fields.ts";

describe("known fields", () => {
  it("have a bit whatever their case", () => {
    assert.equal(bitOfName("Host"), known.host);
    assert.equal(bitOfName("CONTENT-LENGTH"), known.contentLength);
    assert.equal(bitOfName("transfer-encoding"), known.transferEncoding);
    assert.equal(bitOfName("x-host"), 0);
  });

  it("have bits of their own", () => {
    const bits = Object.values(known);
    assert.equal(new Set(bits).size, bits.length);
    for (const bit of bits) assert.equal(bit & (bit - 1), 0);
  });

  it("share one bit where their names start with l5d-", () => {
    assert.equal(bitOfName("L5d-Dtab"), known.l5d);
    assert.equal(bitOfName("l5d-"), 0);
    assert.equal(ownBit("l5d-dtab"), 0);
    assert.equal(ownBit("via"), known.via);
  });

  it("are not mistaken for a name with the same hash", () => {
    assert.equal(knownBit(nameHash("host"), "HOST", 0, 4), known.host);
    assert.equal(knownBit(nameHash("host"), "hoxx", 0, 4), 0);
  });

  it("say of what is no name that it is none", () => {
    assert.equal(bitOfName("a b"), -1);
    assert.equal(bitOfName(""), -1);
  });

  it("are compared without regard to case, at a place", () => {
    assert.equal(sameName("..HoSt..", 2, "host"), true);
    assert.equal(sameName("..HoSx..", 2, "host"), false);
    assert.equal(sameName("ho", 0, "host"), false);
  });
});
