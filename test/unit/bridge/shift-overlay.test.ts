import assert from "node:assert/strict";
import { test } from "node:test";
import { overlayOf, type Weighted } from "../../../src/bridge/shift-overlay.ts";
import { Path } from "../../../src/naming/path.ts";

const weighted = (name: string, path: string, from: number, to: number): Weighted => ({
  plan: { name, path, from: "/#/old", to: "/#/new" },
  weights: { from, to },
});

test("a shift is a line, which says that it is one", () => {
  const dtab = overlayOf([weighted("users", "/svc/users", 90, 10)]);
  assert.equal(dtab.show, "/svc/users=>90.00*/#/old & 10.00*/#/new");
  assert.equal(dtab.dentries[0]?.place, "shift users 10 %");
});

test("a side that weighs nothing stays where the shift goes on, and not after it was left", () => {
  assert.equal(overlayOf([weighted("users", "/svc/users", 0, 100)]).show, "/svc/users=>0.00*/#/old & 100.00*/#/new");
  assert.equal(overlayOf([weighted("users", "/svc/users", 100, 0)]).show, "/svc/users=>/#/old");
});

test("weights that are all 0 are never compiled", () => {
  for (const [from, to] of [
    [0, 0],
    [-1, 2],
    [Number.NaN, 1],
  ] as const) {
    assert.throws(() => overlayOf([weighted("users", "/svc/users", from, to)]), TypeError);
  }
});

test("of two that match, the longer name wins", () => {
  const dtab = overlayOf([weighted("beta", "/svc/users/beta", 1, 1), weighted("all", "/svc/users", 1, 1)]);
  assert.equal(dtab.matches(Path.read("/svc/users/beta"))[0]?.place, "shift beta 50 %");
  assert.equal(overlayOf([]).size, 0);
});
