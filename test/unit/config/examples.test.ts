import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { testPlugins } from "./test-plugins.ts";

const folder = new URL("../../../config/", import.meta.url).pathname;
const isConfig = (name: string): boolean => name.endsWith(".yaml");
const files = [
  ...(await readdir(folder)).filter(isConfig),
  ...(await readdir(`${folder}examples`)).filter(isConfig).map((name) => `examples/${name}`),
];

/** The real plugins, and for kinds that are not in the box the test's. */
const plugins = [
  ...builtins,
  ...testPlugins.filter(({ family, kind }) => !builtins.some((each) => each.family === family && each.kind === kind)),
];

test("there are examples", () => {
  assert.ok(files.length >= 6, files.join(", "));
});

for (const file of files) {
  test(`config/${file} is right, without a warning, and says whom it is for`, async () => {
    const config = await loadConfig(`${folder}${file}`, plugins);
    assert.deepEqual(config.warnings, []);
    assert.match(await readFile(`${folder}${file}`, "utf8"), /^# (?:For |The short form).*\.\n|^# For /);
  });
}
