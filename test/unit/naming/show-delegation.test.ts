/** Delegations as text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { ok, Var } from "../../../src/base/var.ts";
import { Path } from "../../../src/naming/path.ts";
import { showDelegation } from "../../../src/naming/show-delegation.ts";
import { bound, DialNamer, explainNow } from "../../fakes/naming-fixture.ts";

test("alternatives are numbered, and those that are not used are in brackets", () => {
  const text = showDelegation(explainNow("/a => /x | /$/inet/1 | !", "/a"), 0);
  assert.deepEqual(text.split("\n"), [
    "/a | the first that answers",
    "  1. /x ~ there is no such name  (/a=>/x | /$/inet/1 | ! at 0)",
    "  2. /$/inet/1 = /$/inet/1: 127.0.0.1:1  (/a=>/x | /$/inet/1 | ! at 0)",
    "  [3. /a ! refused by a rule]  (/a=>/x | /$/inet/1 | ! at 0)",
  ]);
});

test("the text shows shares, ages and staleness", () => {
  const namer = new DialNamer();
  const set = AddressSet.of([{ host: "10.0.0.1", port: 80, weight: 1 }]);
  const addresses = Var.source<AddressSet>((tell) => {
    tell(ok(set, { revision: "r7", confirmedAt: 1_000, stale: { since: 2_000, cause: new Error("lost") } }));
    return { [Symbol.dispose]: () => undefined };
  });
  namer.dial("x").set(ok(bound("/x", "/", addresses)));
  const explained = explainNow("/a => 1 * /#/n/x & 3 * /$/inet/9", "/a", [{ prefix: Path.of("n"), namer }]);
  const text = showDelegation(explained, 5_000);
  assert.match(text, /^\/a & split by weight/);
  assert.match(text, /1\.00 \(25\.0 %\) \/#\/n\/x = \/#\/n\/x: 10\.0\.0\.1:80/);
  assert.match(text, /revision r7; confirmed 4\.0 s ago; stale for 3\.0 s: lost/);
  assert.match(text, /3\.00 \(75\.0 %\) \/\$\/inet\/9 = \/\$\/inet\/9: 127\.0\.0\.1:9/);
});
