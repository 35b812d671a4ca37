/** Shared addresses: one Var an id, for as long as anybody holds it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { Var } from "../../../src/base/var.ts";
import { type Needed, Rounds } from "../../../src/naming/rounds.ts";
import { SharedAddresses } from "../../../src/naming/shared-addresses.ts";

const fresh = (): Var<AddressSet> => Var.of(AddressSet.empty);

test("the first Var of an id serves all who hold the id, and is forgotten with the last of them", () => {
  const shared = new SharedAddresses();
  const [a, b] = [shared.lease(), shared.lease()];
  const first = fresh();
  assert.equal(a.share("/x", first), first);
  assert.equal(b.share("/x", fresh()), first);
  a[Symbol.dispose]();
  assert.equal(b.share("/x", fresh()), first);
  b[Symbol.dispose]();
  assert.equal(shared.size, 0);
  const second = fresh();
  assert.equal(shared.lease().share("/x", second), second);
});

test("whoever needs other things by rounds holds ids among them", () => {
  const shared = new SharedAddresses();
  const needs = new Rounds<Needed>();
  const first = fresh();
  assert.equal(shared.share("/x", first, needs), first);
  assert.equal(shared.share("/x", fresh(), needs), first);
  needs.sweep();
  needs.sweep();
  assert.equal(shared.size, 0);
});

test("an id that a round did not ask for is let go of", () => {
  const shared = new SharedAddresses();
  const lease = shared.lease();
  lease.share("/x", fresh());
  lease.sweep();
  lease.share("/y", fresh());
  lease.sweep();
  assert.equal(shared.size, 1);
  lease[Symbol.dispose]();
  assert.equal(shared.size, 0);
});
