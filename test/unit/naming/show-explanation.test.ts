/** Explanations as text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { ok, Var } from "../../../src/base/var.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import { placesOf } from "../../../src/naming/explained-rules.ts";
import { explanationOf } from "../../../src/naming/explanation.ts";
import type { NamerEntry } from "../../../src/naming/namer-table.ts";
import { Path } from "../../../src/naming/path.ts";
import { showExplanation } from "../../../src/naming/show-explanation.ts";
import { bound, DialNamer, explainNow, interpreter, now } from "../../fakes/naming-fixture.ts";

function shown(dtab: string, path: string, namers: readonly NamerEntry[] = [], at = 0): string {
  return showExplanation(explanationOf(explainNow(dtab, path, namers), placesOf({})), at);
}

test("alternatives are numbered, and those that are not taken are in brackets, with the reason", () => {
  const rule = "  (/a=>/x | /$/inet/1 | !)";
  assert.deepEqual(shown("/a => /x | /$/inet/1 | !", "/a").split("\n"), [
    "/a | the first that answers",
    `  [1. /x ~ there is no such name]${rule}  -- not taken: it is no such name, so the next one was tried`,
    `  2. /$/inet/1 = /$/inet/1: 127.0.0.1:1${rule}`,
    `  [3. /a ! refused by a rule]${rule}  -- not taken: alternative 2 comes before it and is there`,
    "",
    "Requests go to:",
    "  100.0 % /$/inet/1: 127.0.0.1:1",
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
  const text = shown("/a => 1 * /#/n/x & 3 * /$/inet/9", "/a", [{ prefix: Path.of("n"), namer }], 5_000);
  assert.match(text, /^\/a & split by weight/);
  assert.match(text, /1\.00 \(25\.0 %\) \/#\/n\/x = \/#\/n\/x: 10\.0\.0\.1:80/);
  assert.match(text, /revision r7; confirmed 4\.0 s ago; stale for 3\.0 s: lost/);
  assert.match(text, /3\.00 \(75\.0 %\) \/\$\/inet\/9 = \/\$\/inet\/9: 127\.0\.0\.1:9/);
});

test("a loss that is not believed yet is told with its age", () => {
  const namer = new DialNamer();
  const set = AddressSet.of([{ host: "10.0.0.1", port: 80, weight: 1 }]);
  const addresses = Var.source<AddressSet>((tell) => {
    tell(ok(set, { held: { since: 2_000, until: 32_000, lost: 3 } }));
    return { [Symbol.dispose]: () => undefined };
  });
  namer.dial("x").set(ok(bound("/x", "/", addresses)));
  const text = shown("/a => /#/n/x", "/a", [{ prefix: Path.of("n"), namer }], 5_000);
  assert.match(text, /10\.0\.0\.1:80 \(a loss of 3 held for 3\.0 s\)/);
});

test("a rule says where it is written, and one that is longer than a line is cut", () => {
  const dtab = Dtab.read("/a => /b");
  const text = `/b => /$/inet/1 | ${"/x | ".repeat(60)}/y`;
  const local = { text, dtab: Dtab.read(text) };
  const state = now(interpreter(Var.of(dtab)).delegate(local.dtab, Path.of("a")));
  assert(state.tag === "ok");
  const explained = explanationOf(state.value, placesOf({ router: { dtab, places: ["l.yaml:7"] }, local }));
  const lines = showExplanation(explained, 0).split("\n");
  assert.match(lines[1] ?? "", /\(\/a=>\/b at l\.yaml:7\)$/);
  assert.match(lines[2] ?? "", /\.\.\. at --dtab\)$/);
});
