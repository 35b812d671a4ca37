import assert from "node:assert/strict";
import { it } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { Var } from "../../../src/base/var.ts";
import { leaf } from "../../../src/naming/name-tree.ts";
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
  mentions.changed(leaf(bound("/a")));
  mentions.sent();
  mentions.changed(leaf(bound("/b")));
  assert.equal(has(), "/a/b");
  mentions.changed(leaf(bound("/c")));
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
  const moved: unknown[] = [];
  const known = new KnownAddresses();
  const follower = { follow: (addresses: unknown) => void moved.push(addresses) };
  known.follow("/a", follower);
  const mentions = new Mentions(known);
  mentions.changed(leaf(bound("/a")));
  const newer = bound("/a");
  mentions.changed(leaf(newer));
  assert.equal(known.get("/a"), newer.addresses);
  mentions.changed(leaf(newer));
  assert.deepEqual([moved.length, moved[1] === newer.addresses], [2, true]);
  known.left("/a", { follow: () => undefined });
  mentions.changed(leaf(bound("/a")));
  known.left("/a", follower);
  mentions.changed(leaf(bound("/a")));
  assert.equal(moved.length, 3);
});
