import assert from "node:assert/strict";
import { test } from "node:test";
import type { PluginUse } from "../../../src/config/config.ts";
import { createPlugin, PluginNotCreated } from "../../../src/config/create-plugin.ts";
import { definePlugin, type PluginContext } from "../../../src/config/plugin.ts";

function useThat(throws: Error): PluginUse<"namer"> {
  const create = (): never => {
    throw throws;
  };
  const schema = { json: {}, parse: () => ({}) };
  const plugin = definePlugin({ api: 1, family: "namer", kind: "com.acme.broken", schema, create });
  return { kind: plugin.kind, plugin, config: {} as never };
}

const context = {} as PluginContext;

test("a plugin that cannot be created says why in one sentence that names it", async () => {
  await assert.rejects(createPlugin(useThat(new Error("no such folder")), "namer", context), (error) => {
    assert.ok(error instanceof PluginNotCreated);
    assert.equal(error.message, "the namer com.acme.broken cannot be opened: no such folder");
    return true;
  });
});

test("a defect in a plugin keeps its own error and stack", async () => {
  const defect = new TypeError("x is undefined");
  await assert.rejects(createPlugin(useThat(defect), "namer", context), (error) => error === defect);
});
