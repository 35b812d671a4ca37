import assert from "node:assert/strict";
import { test } from "node:test";
import { RemadeMap } from "../../../src/base/remade-map.ts";

class Squares extends RemadeMap<number, { readonly square: number }> {
  made = 0;

  protected make(): ReadonlyMap<number, { readonly square: number }> {
    this.made++;
    return new Map([2, 3].map((n) => [n, { square: n * n }]));
  }
}

test("a map that is made of something smaller says what a map says", () => {
  const map = new Squares();
  assert.equal(map.size, 2);
  assert.deepEqual(map.get(3), { square: 9 });
  assert.deepEqual([map.has(2), map.has(4), map.get(4)], [true, false, undefined]);
  assert.deepEqual([...map], [...map.entries()]);
  assert.deepEqual(new Map(map), new Map([...map.keys()].map((key, at) => [key, [...map.values()][at]])));
  const seen: unknown[] = [];
  map.forEach((value, key, of) => seen.push(key, value.square, of === map));
  assert.deepEqual(seen, [2, 4, true, 3, 9, true]);
});

test("its entries are made once for all looks of one turn, and not at all where they came with it", () => {
  const map = new Squares();
  assert.equal(map.get(2), map.get(2));
  assert.equal(map.made, 1);
  const first = new Map([[2, { square: 4 }]]);
  const known = new Squares(first);
  assert.equal(known.get(2), first.get(2));
  assert.equal(known.made, 0);
});

test("of its entries nothing is kept when the turn is over, and of very many maps no more than some in one turn", async () => {
  const map = new Squares();
  assert.deepEqual([map.size, map.made], [2, 1]);
  await Promise.resolve();
  assert.deepEqual([map.size, map.made], [2, 2]);
  for (let n = 0; n < 64; n++) assert.equal(new Squares().size, 2);
  assert.deepEqual([map.size, map.made], [2, 3]);
  await Promise.resolve();
  assert.deepEqual([map.size, map.made], [2, 4]);
});
