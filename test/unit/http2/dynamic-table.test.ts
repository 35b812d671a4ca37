/** Tests of the dynamic table. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DynamicTable } from "../../../src/http2/dynamic-table.ts";

const names = (table: DynamicTable): string[] =>
  Array.from({ length: table.count }, (_, index) => `${table.name(index + 1)}=${table.value(index + 1)}`);

describe("the dynamic table", () => {
  it("has the newest entry first, and knows each entry's size", () => {
    const table = new DynamicTable(4096);
    table.add("a", "1", 5);
    table.add("bb", "22", 6);
    assert.deepEqual(names(table), ["bb=22", "a=1"]);
    assert.deepEqual([table.kind(1), table.kind(2)], [6, 5]);
    assert.equal(table.size, 34 + 36);
    assert.equal(table.added, 2);
  });

  it("loses the oldest entries as soon as one byte too much would be in it", () => {
    const table = new DynamicTable(102);
    for (const name of ["a", "b", "c"]) table.add(name, "1", 0);
    assert.deepEqual(names(table), ["c=1", "b=1", "a=1"]);
    table.add("d", "", 0);
    assert.deepEqual(names(table), ["d=", "c=1", "b=1"]);
    table.add("e", "22", 0);
    assert.deepEqual(names(table), ["e=22", "d=", "c=1"]);
    table.add("f", "333", 0);
    assert.deepEqual(names(table), ["f=333", "e=22"]);
  });

  it("is emptied by an entry that is larger than itself", () => {
    const table = new DynamicTable(64);
    table.add("a", "1", 0);
    table.add("a".repeat(33), "", 0);
    assert.deepEqual([table.count, table.size, table.added], [0, 0, 1]);
    table.add("a".repeat(32), "", 0);
    assert.equal(table.count, 1);
  });

  it("keeps what fits when it is made smaller, and nothing of size 0", () => {
    const table = new DynamicTable(4096);
    for (let index = 0; index < 10; index++) table.add(String(index), "", 0);
    table.resize(70);
    assert.deepEqual(names(table), ["9=", "8="]);
    table.resize(0);
    assert.deepEqual([table.count, table.size], [0, 0]);
    table.add("a", "", 0);
    assert.equal(table.count, 0);
    table.resize(4096);
    table.add("a", "", 0);
    assert.deepEqual(names(table), ["a="]);
  });

  it("holds as many entries as its size allows, in their order, after it has gone round", () => {
    const table = new DynamicTable(64 * 1024);
    const kept = Math.floor((64 * 1024) / 36);
    for (let index = 0; index < 10_000; index++) table.add(String(index).padStart(4, "0"), "", index);
    assert.equal(table.count, kept);
    for (let age = 1; age <= kept; age++) {
      assert.equal(table.name(age), String(10_000 - age).padStart(4, "0"));
      assert.equal(table.kind(age), 10_000 - age);
    }
  });
});
