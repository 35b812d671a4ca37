/** When a caller that awaits a 100 gets it from here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LateContinue } from "../../../src/http/late-continue.ts";

test("a caller that waits is answered once, when the endpoint is late", () => {
  const late = new LateContinue();
  assert.equal(late.isDue(1e9, false), false);
  late.expect(100);
  assert.equal(late.isDue(99, false), false);
  assert.equal(late.isDue(100, false), true);
  assert.equal(late.isDue(200, false), false);
});

test("what the endpoint says later of it is not passed on, and all else is", () => {
  const late = new LateContinue();
  late.expect(100);
  late.isDue(100, false);
  assert.equal(late.passes(100), false);
  assert.equal(late.passes(103), true);
  late.reset();
  assert.equal(late.passes(100), true);
});

test("nothing is said where the endpoint was first, the body or the answer has begun, or nobody waits any more", () => {
  const late = new LateContinue();
  late.expect(100);
  assert.equal(late.passes(100), true);
  assert.equal(late.isDue(100, false), false);
  late.expect(100);
  assert.equal(late.isDue(100, true), false);
  assert.equal(late.passes(100), true);
  late.expect(100);
  late.cease();
  assert.equal(late.isDue(100, false), false);
});
