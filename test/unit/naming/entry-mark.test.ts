/** What entries tell of themselves by their id. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readMark, showMark } from "../../../src/naming/entry-mark.ts";

const owner = { group: "users-to-legacy", member: "3f9a" };

test("a mark names its owner, its origin and the id that the instance has at home", () => {
  const shown = showMark({ owner, origin: { registry: "io.l5d.k8s", cluster: "prod" }, id: "users-7d9-x2x9z" });
  assert.equal(shown, "linkspan:users-to-legacy:3f9a:io.l5d.k8s:prod:users-7d9-x2x9z");
});

test("a mark of any parts reads as it was, and can be the name of a znode", () => {
  const part = fc.string({ unit: "grapheme" });
  fc.assert(
    fc.property(part, part, part, part, part, (group, member, registry, cluster, id) => {
      const mark = { owner: { group, member }, origin: { registry, cluster }, id };
      const shown = showMark(mark);
      assert.deepEqual(readMark(shown), mark);
      assert.doesNotMatch(shown, /[/\p{Cc}]/u);
    }),
  );
});

test("other ids are nobody's marks", () => {
  for (const id of ["", "i-1", "linkspan", "linkspan:users", "linkspan:a:b:c:d:%zz", "linkspan:a:b:c:d:e:f"]) {
    assert.equal(readMark(id), undefined, id);
  }
});
