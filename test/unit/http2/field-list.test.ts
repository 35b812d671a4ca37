/** Tests of the list of fields. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { known } from "../../../src/http/known-fields.ts";
import { COOKIE, DROPPED, nameKind, NEVER } from "../../../src/http2/field-kind.ts";
import { FieldList } from "../../../src/http2/field-list.ts";
import { encoded, live } from "../../fakes/header-blocks.ts";
import { HpackEncoder } from "../../../src/http2/hpack-encoder.ts";

function listOf(...fields: readonly (readonly [string, string])[]): FieldList {
  const list = new FieldList();
  for (const [name, value] of fields) list.add(name, value, nameKind(name));
  return list;
}

describe("a list of fields", () => {
  it("keeps order and duplicates, and finds by name", () => {
    const list = listOf(["a", "1"], ["b", "2"], ["a", "3"]);
    assert.equal(list.size, 3);
    assert.deepEqual([list.find("a"), list.find("a", 1), list.find("a", 3), list.find("c")], [0, 2, -1, -1]);
    assert.equal(list.get("a"), "1");
    assert.equal(list.get("c"), undefined);
    assert.deepEqual([list.name(1), list.value(1)], ["b", "2"]);
  });

  it("skips what was dropped, and keeps positions", () => {
    const list = listOf(["a", "1"], ["b", "2"], ["a", "3"]);
    list.drop(0);
    assert.deepEqual([list.dropped(0), list.find("a"), list.get("a"), list.size], [true, 2, "3", 3]);
    list.remove("a");
    assert.deepEqual(live(list), ["b: 2"]);
    list.drop(99);
    assert.deepEqual([list.size, list.kind(99), list.name(99), list.value(99)], [3, DROPPED, "", ""]);
  });

  it("knows which known fields it has seen, until they are removed", () => {
    const list = listOf(["host", "h"], ["via", "v"], ["l5d-dtab", "/"]);
    assert.equal(list.seen, known.host | known.via | known.l5d);
    list.remove("via");
    assert.equal(list.seen, known.host | known.l5d);
    list.remove("expect");
    list.append("Via", "w");
    assert.equal(list.seen, known.host | known.l5d | known.via);
    assert.equal(list.get("via"), "w");
  });

  it("takes names in any case, and keeps them in lower case", () => {
    const list = new FieldList();
    list.append("X-Forwarded-For", " 1.2.3.4\t");
    list.append("x-Forwarded-for", "5");
    assert.deepEqual(live(list), ["x-forwarded-for: 1.2.3.4", "x-forwarded-for: 5"]);
    list.set("X-FORWARDED-FOR", "6");
    assert.deepEqual(live(list), ["x-forwarded-for: 6"]);
    assert.throws(() => list.append("a b", "1"), TypeError);
    assert.throws(() => list.append("a", "1\n"), TypeError);
  });

  it("joins the crumbs of a cookie, and one secret crumb makes a secret of it", () => {
    const list = listOf(["cookie", "a=1"]);
    list.addCrumb(0, "b=2", COOKIE);
    assert.equal(list.get("cookie"), "a=1; b=2");
    assert.equal(list.kind(0) & NEVER, 0);
    list.addCrumb(0, "c=3", COOKIE | NEVER);
    assert.equal(list.get("cookie"), "a=1; b=2; c=3");
    assert.equal(list.kind(0) & NEVER, NEVER);
  });

  it("leaves out empty crumbs of a cookie", () => {
    const list = listOf(["cookie", ""]);
    for (const crumb of ["", "a=1", "", "b=2", ""]) list.addCrumb(0, crumb, COOKIE);
    assert.equal(list.get("cookie"), "a=1; b=2");
  });

  it("knows how many bytes it takes in a block at most", () => {
    const list = listOf(["x-a", "v".repeat(300)], ["cookie", "a=1"]);
    list.addCrumb(1, "c".repeat(200), COOKIE);
    const fields = [0, 1].map((at) => [list.name(at), list.value(at)] as const);
    assert.ok(encoded(new HpackEncoder(), fields).length <= list.blockBytes);
    list.reset();
    assert.equal(list.blockBytes, 0);
  });

  it("is empty again after a reset, however many fields it had", () => {
    const list = new FieldList();
    for (const count of [3, 500, 2]) {
      for (let index = 0; index < count; index++) list.add(`x-${index}`, "v", known.host);
      assert.equal(list.size, count);
      list.reset();
      assert.deepEqual([list.size, list.seen, list.find("x-0"), list.name(0), list.dropped(0)], [0, 0, -1, "", true]);
    }
  });
});
