import assert from "node:assert/strict";
import { test } from "node:test";
import { DtabPlaces } from "../../../src/config/dtab-places.ts";

const at = (...lines: readonly number[]) => lines.map((line) => ({ file: "linkerd.yaml", line, column: 5 }));

test("places are looked up once, and only if somebody asks", () => {
  let looked = 0;
  const places = new DtabPlaces(() => {
    looked++;
    return at(3, 4);
  });
  assert.equal(looked, 0);
  assert.deepEqual(places.shown, ["linkerd.yaml:3", "linkerd.yaml:4"]);
  assert.equal(places.all, places.all);
  assert.equal(looked, 1);
});

test("places are equal that have the same lines and columns of the same file, in the same order", () => {
  const places = new DtabPlaces(() => at(3, 4));
  assert.ok(places.equals(new DtabPlaces(() => at(3, 4))));
  for (const other of [at(3, 5), at(4, 3), at(3), at(3, 4, 5), at(3, 4).map((each) => ({ ...each, column: 6 }))]) {
    assert.ok(!places.equals(new DtabPlaces(() => other)));
  }
});
