import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "../../../src/cli/main.ts";
import { cli } from "./fake-terminal.ts";

test("no command at all is the help on standard error", async () => {
  const { code, out, err } = await cli([]);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /explain \[FILE\] \[NAME\]/);
});

test("every command has help with an example, by flag and by `help`", async () => {
  for (const { name, examples } of commands) {
    const { code, out } = await cli([name, "--help"]);
    assert.equal(code, 0);
    assert.ok(examples.length > 0);
    for (const example of examples) assert.ok(out.includes(example), `${name}: ${example}`);
    assert.equal((await cli(["help", name])).out, out);
  }
});
