/** Tests of headers that are kept as a list. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fieldLine } from "../../../src/http/field-line.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { known } from "../../../src/http/known-fields.ts";

describe("a header list", () => {
  it("keeps order, case and duplicates", () => {
    const list = HeaderList.of([
      ["X-A", "1"],
      ["x-b", "2"],
      ["x-a", "3"],
    ]);
    assert.equal(list.size, 3);
    assert.equal(list.name(0), "X-A");
    assert.equal(list.get("x-a"), "1");
    assert.equal(list.find("x-a", 1), 2);
    assert.equal(list.value(2), "3");
    assert.equal(list.get("x-c"), undefined);
  });

  it("is copied with its live fields only", () => {
    const list = HeaderList.of([
      ["a", "1"],
      ["Host", "x"],
    ]);
    list.drop(0);
    const copy = HeaderList.copyOf(list);
    list.reset();
    assert.deepEqual([copy.size, copy.name(0), copy.get("host"), copy.seen], [1, "Host", "x", known.host]);
  });

  it("keeps the position of a dropped field, and passes over it", () => {
    const list = HeaderList.of([
      ["a", "1"],
      ["b", "2"],
    ]);
    list.drop(0);
    assert.equal(list.size, 2);
    assert.equal(list.dropped(0), true);
    assert.equal(list.find("a"), -1);
    assert.equal(list.find("b"), 1);
  });

  it("replaces every field of a name by one at the end", () => {
    const list = HeaderList.of([
      ["Via", "1"],
      ["a", "2"],
      ["via", "3"],
    ]);
    list.set("VIA", " 4 ");
    assert.equal(list.find("via"), 3);
    assert.equal(list.value(3), "4");
  });

  it("knows which known fields may be in it", () => {
    const list = HeaderList.of([["Upgrade", "x"]]);
    assert.equal(list.seen, known.upgrade);
    list.remove("upgrade");
    assert.equal(list.seen, 0);
    list.append("l5d-dtab", "x");
    list.reset();
    assert.equal(list.seen, 0);
    assert.equal(list.size, 0);
  });

  it("refuses what may not be sent", () => {
    const list = new HeaderList();
    for (const [name, value] of [
      ["", "a"],
      ["a b", "c"],
      ["a:", "c"],
      ["a", "b\r\nc: d"],
      ["a", "b\nc"],
      ["a", "b\0"],
      ["a", "\u010d\u010a"],
    ] as const) {
      assert.throws(() => list.append(name, value), TypeError);
      assert.throws(() => fieldLine(name, value), TypeError);
    }
    assert.equal(list.size, 0);
  });
});
