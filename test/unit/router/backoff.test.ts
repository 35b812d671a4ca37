import assert from "node:assert/strict";
import { test } from "node:test";
import { nextBackoff } from "../../../src/router/backoff.ts";

test("a constant back-off is always as long", () => {
  assert.equal(nextBackoff({ kind: "constant", ms: 5 }, 0, { next: () => 0.5 }), 5);
  assert.equal(nextBackoff({ kind: "constant", ms: 5 }, 100, { next: () => 0.5 }), 5);
});

test("a jittered one begins at its least, grows up to threefold, and ends at its most", () => {
  const params = { kind: "jittered", minMs: 10, maxMs: 50 } as const;
  assert.equal(nextBackoff(params, 0, { next: () => 0.9 }), 10);
  assert.equal(nextBackoff(params, 10, { next: () => 0.5 }), 20);
  assert.equal(nextBackoff(params, 40, { next: () => 1 }), 50);
});
