import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { publishedOf } from "../../../src/bridge/published-share.ts";

const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 });
const share = fc
  .integer({ min: 1, max: 8 })
  .chain((of) => fc.record({ take: fc.integer({ min: 1, max: of }), of: fc.constant(of) }));

describe("the share that is published", () => {
  it("is as many as it says, rounded up, whatever their order", () => {
    fc.assert(
      fc.property(ids, share, (all, rule) => {
        const chosen = publishedOf(all, rule);
        assert.equal(chosen.size, Math.ceil((all.length * rule.take) / rule.of));
        assert.deepEqual([...publishedOf(all.toReversed(), rule)].sort(), [...chosen].sort());
      }),
    );
  });

  it("loses at most one when another comes, and gains at most one when one goes", () => {
    fc.assert(
      fc.property(ids, share, (all, rule) => {
        const [first, ...rest] = all;
        const before = publishedOf(rest, rule);
        const after = publishedOf(all, rule);
        const left = [...before].filter((id) => !after.has(id));
        const joined = [...after].filter((id) => id !== first && !before.has(id));
        assert.ok(left.length <= 1 && joined.length <= 1);
      }),
    );
  });
});
