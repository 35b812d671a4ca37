import assert from "node:assert/strict";
import { test } from "node:test";
import { SharedRecords } from "../../../src/base/shared-records.ts";

test("records that say the same are one object, and others are themselves", () => {
  const records = new SharedRecords();
  const first = { zone: "a", node: "1" };
  assert.equal(records.of(first), first);
  assert.equal(records.of({ zone: "a", node: "1" }), first);
  const other = { zone: "a", node: "2" };
  assert.equal(records.of(other), other);
  assert.deepEqual(records.of({}), {});
});

test("of very many different records it forgets, and says the same all the same", () => {
  const records = new SharedRecords();
  const first = records.of({ n: "0" });
  for (let n = 1; n <= 20_000; n++) assert.deepEqual(records.of({ n: String(n) }), { n: String(n) });
  const again = records.of({ n: "0" });
  assert.notEqual(again, first);
  assert.deepEqual(again, first);
});
