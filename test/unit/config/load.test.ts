import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../../src/config/load.ts";
import { errorsOf, read } from "./read.ts";

const minimal = "routers:\n- protocol: http\n  servers:\n  - port: 4140\n";

test("a plugin that the file names is imported and found by its kind", async () => {
  const url = new URL("./sample-plugin.ts", import.meta.url).pathname;
  const config = await read(`${minimal}plugins: [${url}]\nnamers:\n- {kind: com.acme.sample, region: x}\n`);
  assert.deepEqual(config.namers[0]?.config, { region: "x" });
});

test("a plugin that cannot be loaded is an error at its line", async () => {
  const [error] = await errorsOf(`${minimal}plugins:\n- ./nowhere.mjs\n`);
  assert.deepEqual([error?.line, /nowhere/.test(error?.message ?? "")], [6, true]);
});

test("a file that is not there, or is a directory, is one sentence", async () => {
  await assert.rejects(loadConfig("/nowhere/x.yaml", []), /cannot read \/nowhere\/x\.yaml: there is no such file/);
  await assert.rejects(loadConfig("/", []), /cannot read \/: it is a directory/);
});
