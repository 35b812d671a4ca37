import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByKey } from "../../../src/base/by-key.ts";

const things = [{ n: 0 }, { n: 1 }, new Set([2])];
const step = fc.record({ key: fc.constantFrom("a", "b"), thing: fc.constantFrom(...things), isAdded: fc.boolean() });

test("things by key are those of sets by key, whatever came and went", () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const byKey = new ByKey<object>();
      const sets = new Map<string, Set<object>>();
      for (const { key, thing, isAdded } of steps) {
        const set = sets.get(key) ?? new Set();
        if (isAdded) {
          byKey.add(key, thing);
          sets.set(key, set.add(thing));
        } else {
          byKey.delete(key, thing);
          set.delete(thing);
          if (set.size === 0) sets.delete(key);
        }
        assert.deepEqual(new Set(byKey.keys()), new Set(sets.keys()));
        assert.equal(byKey.size, sets.size);
        for (const each of ["a", "b"]) {
          assert.deepEqual(byKey.of(each), [...(sets.get(each) ?? [])]);
          for (const other of things) assert.equal(byKey.has(each, other), sets.get(each)?.has(other) ?? false);
        }
      }
    }),
  );
});
