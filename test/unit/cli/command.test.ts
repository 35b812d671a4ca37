import assert from "node:assert/strict";
import { test } from "node:test";
import { cli } from "./fake-terminal.ts";

test("an unknown flag names the nearest one and exits 2", async () => {
  const { code, err } = await cli(["check", "--exapnd", "x.yaml"]);
  assert.equal(code, 2);
  assert.match(err, /unknown flag --exapnd; did you mean --expand\?/);
});

test("a flag without its value, one value too many, too few and too many files are usage errors", async () => {
  for (const argv of [
    ["names", "--admin"],
    ["check", "--json=1", "x"],
    ["check"],
    ["check", "a", "b"],
    ["explain", "a"],
  ]) {
    assert.equal((await cli(argv)).code, 2, argv.join(" "));
  }
});
