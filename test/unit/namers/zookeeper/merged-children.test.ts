import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { changedChildren, listedChildren } from "../../../../namers/zookeeper/merged-children.ts";

interface Child {
  readonly text: string;
}

const isSame = (a: Child, b: Child): boolean => a.text === b.text;
const name = fc.constantFrom("a", "b", "c", "d");
const child = fc.constantFrom("1", "2").map((text): Child => ({ text }));
const known = fc.array(fc.tuple(name, child)).map((entries) => new Map(entries));
const read = fc.array(fc.tuple(name, fc.option(child, { nil: undefined }))).map((entries) => new Map(entries));

/** Whatever is the same is the same object, and the whole map is where all of it is. */
function isFrugal(before: ReadonlyMap<string, Child>, after: ReadonlyMap<string, Child>): void {
  for (const [key, each] of after) {
    const old = before.get(key);
    if (old && isSame(old, each)) assert.equal(each, old);
  }
  const isEqual = after.size === before.size && [...after].every(([key, each]) => before.get(key) === each);
  assert.equal(after === before, isEqual);
}

const textsOf = (children: ReadonlyMap<string, Child>): object =>
  Object.fromEntries([...children].map(([key, { text }]) => [key, text]));

test("children that were read again are as they were read, and the others as they were", () => {
  fc.assert(
    fc.property(known, read, (before, again) => {
      const after = changedChildren(before, again, isSame);
      const wanted = new Map(before);
      for (const [key, each] of again) if (each) wanted.set(key, each);
      for (const [key, each] of again) if (!each) wanted.delete(key);
      assert.deepEqual(textsOf(after), textsOf(wanted));
      isFrugal(before, after);
    }),
  );
});

test("children that were listed are those of the list that are there, and no others", () => {
  fc.assert(
    fc.property(known, read, fc.uniqueArray(name), (before, again, names) => {
      const after = listedChildren(before, names, again, isSame);
      const wanted = names.flatMap((key) => {
        const each = again.has(key) ? again.get(key) : before.get(key);
        return each ? [[key, each] as const] : [];
      });
      assert.deepEqual(textsOf(after), textsOf(new Map(wanted)));
      isFrugal(before, after);
    }),
  );
});
