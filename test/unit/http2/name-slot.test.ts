/** Tests of what an encoder remembers of a name. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { staticNames } from "../../../src/http2/hpack-tables.ts";
import { NameSlot } from "../../../src/http2/name-slot.ts";

describe("the slot of a name", () => {
  it("finds what it holds, and not what was evicted", () => {
    const slot = new NameSlot(undefined);
    assert.deepEqual([slot.find("a"), slot.isEmpty, slot.newest, slot.staticIndex], [0, true, 0, 0]);
    slot.hold("a", 7);
    slot.hold("b", 9);
    assert.deepEqual([slot.find("b"), slot.find("a"), slot.newest], [9, 7, 9]);
    slot.evicted();
    assert.deepEqual([slot.find("a"), slot.find("b"), slot.isEmpty], [0, 9, false]);
    slot.evicted();
    assert.deepEqual([slot.find("b"), slot.isEmpty, slot.newest], [0, true, 0]);
  });

  it("finds an evicted value no more though it was asked for last", () => {
    const slot = new NameSlot(undefined);
    slot.hold("a", 1);
    assert.equal(slot.find("a"), 1);
    slot.evicted();
    assert.equal(slot.find("a"), 0);
  });

  it("finds the static table's values as negative numbers", () => {
    const slot = new NameSlot(staticNames.get(":status"));
    assert.deepEqual([slot.find("404"), slot.find("418"), slot.staticIndex], [-13, 0, 8]);
  });

  it("is not worth a place once many values came and none came again", () => {
    const slot = new NameSlot(undefined);
    for (let number = 1; number <= 8; number++) {
      assert.equal(slot.isWorth(), true);
      slot.find(String(number));
      slot.hold(String(number), number);
    }
    assert.equal(slot.isWorth(), false);
    for (let count = 0; count < 9; count++) assert.equal(slot.find("new"), 0);
    assert.equal(slot.isWorth(), true, "a value that comes again and again makes it worth one");
  });

  it("holds no more than sixteen values at a time", () => {
    const slot = new NameSlot(undefined);
    for (let number = 1; number <= 16; number++) {
      slot.hold(String(number), number);
      slot.find(String(number));
    }
    assert.equal(slot.isWorth(), false);
    slot.evicted();
    assert.equal(slot.isWorth(), true);
  });
});
