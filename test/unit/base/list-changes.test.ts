import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { changed, changesBetween } from "../../../src/base/list-changes.ts";

interface Entry {
  readonly key: string;
  readonly value: number;
}

const keyOf = ({ key }: Entry): string => key;
const isSame = (a: Entry, b: Entry): boolean => a.value === b.value;
const inOrder = (entries: readonly Entry[]): readonly Entry[] =>
  [...new Map(entries.map((entry) => [entry.key, entry])).values()].sort((a, b) => (a.key < b.key ? -1 : 1));

const pool = Array.from({ length: 40 }, (_, n): Entry => ({ key: String.fromCharCode(48 + n), value: 0 }));
/** Entries that are the same objects in both lists, entries that are equal, and others under the same keys. */
const entry = fc.oneof(
  fc.constantFrom(...pool),
  fc.record({ key: fc.constantFrom(...pool.map(keyOf)), value: fc.nat(2) }, { noNullPrototype: true }),
);
const list = fc.array(entry, { maxLength: 40 }).map(inOrder);

test("what has changed, applied to the list before, is the list after", () => {
  fc.assert(
    fc.property(list, list, (before, after) => {
      const changes = changesBetween(before, after, keyOf, isSame);
      assert.deepEqual(changed(before, changes, keyOf), after);
    }),
    { numRuns: 2_000 },
  );
});

test("nothing is said of what stays, and each key at most once", () => {
  fc.assert(
    fc.property(list, list, (before, after) => {
      const { put, removed } = changesBetween(before, after, keyOf, isSame);
      const known = new Map(before.map((each) => [each.key, each.value]));
      assert.ok(put.every(({ key, value }) => known.get(key) !== value));
      const keys = [...put.map(keyOf), ...removed];
      assert.equal(new Set(keys).size, keys.length);
      assert.deepEqual(changesBetween(before, before, keyOf, isSame), { put: [], removed: [] });
    }),
    { numRuns: 500 },
  );
});

test("no key is made of what is the same object in both lists, but to find a place", () => {
  const before = Array.from({ length: 10_000 }, (_, n): Entry => ({ key: String(n).padStart(5, "0"), value: 0 }));
  const after = [...before.slice(0, 4_000), { key: "03999a", value: 1 }, ...before.slice(4_001)];
  let made = 0;
  const counted = (each: Entry): string => {
    made++;
    return each.key;
  };
  const changes = changesBetween(before, after, counted, isSame);
  assert.deepEqual(changes, { put: [{ key: "03999a", value: 1 }], removed: ["04000"] });
  assert.deepEqual(changed(before, changes, counted), after);
  assert.ok(made < 60, `${made}`);
});
