import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nextBackoff } from "../../../src/router/backoff.ts";
import { seededRandom } from "../../../src/testing/index.ts";

test("a constant back-off is always as long", () => {
  assert.equal(nextBackoff({ kind: "constant", ms: 5 }, undefined, { next: () => 0.5 }), 5);
  assert.equal(nextBackoff({ kind: "constant", ms: 5 }, 100, { next: () => 0.5 }), 5);
});

test("a jittered one begins at its least, grows up to threefold, and ends at its most", () => {
  const params = { kind: "jittered", minMs: 10, maxMs: 50 } as const;
  assert.equal(nextBackoff(params, undefined, { next: () => 0.9 }), 10);
  assert.equal(nextBackoff(params, 10, { next: () => 0.5 }), 20);
  assert.equal(nextBackoff(params, 40, { next: () => 0 }), 40);
  assert.equal(nextBackoff(params, 40, { next: () => 0.5 }), 45);
  assert.equal(nextBackoff(params, 50, { next: () => 0.5 }), 50);
});

test("no wait is shorter than the one before it, longer than threefold, or out of its bounds", () => {
  const bounds = fc.record({ minMs: fc.integer({ min: 1, max: 1000 }), more: fc.nat({ max: 10_000 }) });
  fc.assert(
    fc.property(bounds, fc.integer(), ({ minMs, more }, seed) => {
      const params = { kind: "jittered", minMs, maxMs: minMs + more } as const;
      const random = seededRandom(seed);
      let before = nextBackoff(params, undefined, random);
      assert.equal(before, minMs);
      for (let n = 0; n < 20; n++) {
        const wait = nextBackoff(params, before, random);
        assert.ok(wait >= before && wait <= Math.min(params.maxMs, before * 3), `${before} then ${wait}`);
        before = wait;
      }
    }),
  );
});
