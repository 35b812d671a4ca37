import assert from "node:assert/strict";
import { test } from "node:test";
import { Slots } from "../../../../namers/nomad/slots.ts";

test("a place is taken once at a time, and given back once", () => {
  const slots = new Slots(1);
  const first = slots.take();
  assert.ok(first);
  assert.equal(slots.take(), undefined);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.ok(slots.take());
  assert.equal(slots.take(), undefined);
});
