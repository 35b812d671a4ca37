import assert from "node:assert/strict";
import { test } from "node:test";
import { DriftBook } from "../../../src/bridge/drift-book.ts";
import type { ComparedName } from "../../../src/bridge/drift.ts";
import type { Instance } from "../../../src/plugin.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

const instance: Instance = { id: "u1", host: "10.0.0.1", port: 80, weight: 1, ready: true };
const wanted = new Map([[instance.id, instance]]);
const missing: ComparedName = { source: "/users", target: "/users", wanted, standing: [], leftOut: [] };
const agreed: ComparedName = { ...missing, standing: [{ key: "k", instance }] };

test("a difference is a lag until it is as old as the objective, and drifts from then on", () => {
  const clock = new FakeClock();
  const book = new DriftBook(clock, 5_000);
  assert.deepEqual([book.look([missing]).counts.lag, book.look([missing]).drifts], [1, false]);
  clock.advance(4_999);
  assert.equal(book.look([missing]).counts.lag, 1);
  clock.advance(1);
  const { counts, drifts, names } = book.look([missing]);
  assert.deepEqual([counts.lag, counts.missing, drifts], [0, 1, true]);
  assert.equal(names[0]?.instances[0]?.ageMs, 5_000);
});

test("what was the same in between begins anew", () => {
  const clock = new FakeClock();
  const book = new DriftBook(clock, 5_000);
  book.look([missing]);
  clock.advance(4_000);
  assert.equal(book.look([agreed]).counts.same, 1);
  clock.advance(4_000);
  assert.equal(book.look([missing]).counts.lag, 1);
});

test("an instance that is registered twice is no lag, whatever its age, and does not count as drift", () => {
  const book = new DriftBook(new FakeClock(), 5_000);
  const dual = { ...missing, wanted: new Map(), leftOut: [{ id: "u1", why: "dual" as const }] };
  const { counts, drifts } = book.look([dual]);
  assert.deepEqual([counts.dual, counts.lag, drifts], [1, 0, false]);
});

test("a name that is not known is trouble, and not drift", () => {
  const { isTroubled, drifts } = new DriftBook(new FakeClock(), 0).look([{ ...agreed, trouble: "no answer" }]);
  assert.deepEqual([isTroubled, drifts], [true, false]);
});
