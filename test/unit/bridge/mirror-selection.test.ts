import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MirrorSelection } from "../../../src/bridge/mirror-selection.ts";
import { Path } from "../../../src/naming/path.ts";

/** A star is no letter of a path. */
const starred = (text: string): Path => Path.from(text.split("/").slice(1));
const selection = (source: string, target: string): MirrorSelection =>
  new MirrorSelection(starred(source), starred(target));
const targetOf = (source: string, target: string, name: string): string | undefined =>
  selection(source, target).targetOf(Path.read(name))?.show;

describe("which names a mirror is for", () => {
  it("is one, and its target as it is, without a star", () => {
    assert.equal(targetOf("/shop/users", "/legacy", "/shop/users"), "/legacy");
    assert.equal(targetOf("/shop/users", "/legacy", "/shop/orders"), undefined);
  });

  it("puts what a star stands for to the target's end, or in its star's place", () => {
    assert.equal(targetOf("/shop/*", "/legacy", "/shop/users"), "/legacy/users");
    assert.equal(targetOf("/shop/*", "/*/http", "/shop/users"), "/users/http");
    assert.equal(targetOf("/*/*", "/a/*", "/shop/users"), "/a/shop/users");
  });

  it("selects no name that is longer or shorter", () => {
    assert.equal(targetOf("/shop/*", "/legacy", "/shop/users/http"), undefined);
    assert.equal(targetOf("/shop/*", "/legacy", "/shop"), undefined);
  });

  it("finds the name back from its target, and none for what is another's", () => {
    const shop = selection("/shop/*", "/legacy");
    assert.equal(shop.sourceOf(Path.read("/legacy/users"))?.show, "/shop/users");
    assert.equal(shop.sourceOf(Path.read("/old/users")), undefined);
  });

  it("refuses a target with more stars than the source", () => {
    assert.throws(() => selection("/shop/users", "/*"), /more "\*"/);
  });
});
