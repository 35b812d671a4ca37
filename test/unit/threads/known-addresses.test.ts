import assert from "node:assert/strict";
import { it } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { Var } from "../../../src/base/var.ts";
import type { Bound } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { KnownAddresses, Mentions } from "../../../src/threads/known-addresses.ts";

const bound = (id: string): Bound => ({
  kind: "bound",
  id: Path.read(id),
  addresses: Var.of(AddressSet.empty),
  residual: Path.empty,
});

it("an id is known while the newest tree, the one under way or the one that was seen names it", () => {
  const known = new KnownAddresses();
  const mentions = new Mentions(known);
  const has = (): string => ["/a", "/b", "/c"].filter((id) => known.get(id) !== undefined).join("");
  mentions.changed([bound("/a")]);
  mentions.sent();
  mentions.changed([bound("/b")]);
  assert.equal(has(), "/a/b");
  mentions.changed([bound("/c")]);
  assert.equal(has(), "/a/c");
  mentions.acknowledged();
  mentions.sent();
  assert.equal(has(), "/a/c");
  mentions.acknowledged();
  assert.equal(has(), "/c");
  mentions.sent();
  mentions.acknowledged();
  assert.equal(has(), "/c");
  mentions[Symbol.dispose]();
  assert.deepEqual([has(), known.size], ["", 0]);
});

it("an id that a newer tree gives other addresses is followed there", () => {
  const moved: string[] = [];
  const known = new KnownAddresses((id) => moved.push(id));
  const mentions = new Mentions(known);
  mentions.changed([bound("/a")]);
  const newer = bound("/a");
  mentions.changed([newer]);
  assert.deepEqual([moved, known.get("/a")], [["/a"], newer.addresses]);
  mentions.changed([newer]);
  assert.deepEqual(moved, ["/a"]);
});
