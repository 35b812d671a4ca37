import assert from "node:assert/strict";
import { test } from "node:test";
import nomad from "../../../../namers/nomad/index.ts";
import { SchemaError } from "../../../../src/config/plugin.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";

test("linkspan.nomad asks the agent of its own host unless it is told another", async () => {
  const config = nomad.schema.parse({});
  assert.deepEqual(config, { host: "localhost", port: 4646, namespace: "default", tags: [] });
  const namer = await nomad.create(config, testContext());
  assert.deepEqual(namer.watches?.(), []);
  await namer[Symbol.asyncDispose]();
});

test("a token stands in the file or in another one, and a namespace is one", () => {
  assert.throws(() => nomad.schema.parse({ token: "a", tokenFile: "b" }), SchemaError);
  assert.throws(() => nomad.schema.parse({ namespace: "*" }), SchemaError);
});
