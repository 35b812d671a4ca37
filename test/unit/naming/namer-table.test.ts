/** The namer table: who is asked for a path, and in which order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NamerTable } from "../../../src/naming/namer-table.ts";
import { Path } from "../../../src/naming/path.ts";
import { DialNamer, noDns } from "../../fakes/naming-fixture.ts";

const entry = (prefix: string, whenUnreachable: "fail" | "next" = "fail") => ({
  prefix: Path.read(prefix),
  namer: new DialNamer(),
  whenUnreachable,
});
const table = new NamerTable([entry("/a"), entry("/a/b", "next"), entry("/c")], noDns);
const asked = (path: string): string[] => table.candidates(Path.read(path)).map((each) => each.prefix.show);

test("the last namer whose prefix fits is asked first", () => {
  assert.deepEqual(asked("/#/a/b/x"), ["/#/a/b", "/#/a"]);
  assert.deepEqual(asked("/#/a/x"), ["/#/a"]);
  assert.deepEqual(
    table.candidates(Path.read("/#/a/b")).map((each) => each.goOn),
    [true, false],
  );
});

test("system namers are asked by their kind, and nobody for other paths", () => {
  assert.deepEqual(asked("/$/inet/80"), ["/$/inet"]);
  assert.deepEqual(asked("/$/nope"), ["/$/nope"]);
  for (const path of ["/", "/$", "/#", "/a", "/#/x"]) assert.deepEqual(asked(path), [], path);
});
