import assert from "node:assert/strict";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { PluginRefused, pluginsOf, Registry } from "../../../src/config/registry.ts";
import sample from "./sample-plugin.ts";

test("a plugin is found by its family and kind", () => {
  const registry = new Registry([sample]);
  assert.equal(registry.get("namer", "com.acme.sample"), sample);
  assert.equal(registry.get("identifier", "com.acme.sample"), undefined);
  assert.deepEqual(registry.kinds("namer"), ["com.acme.sample"]);
});

test("two plugins of one family and kind are refused", () => {
  assert.throws(() => new Registry([sample, sample]), PluginRefused);
});

test("a plugin of another interface version is refused", () => {
  assert.throws(() => new Registry([{ ...sample, api: 2 as 1 }]), /version 2/);
});

test("a module's default export is a plugin or a list of them", () => {
  assert.deepEqual(pluginsOf(sample, "x"), [sample]);
  assert.deepEqual(pluginsOf([sample], "x"), [sample]);
  for (const wrong of [undefined, 5, {}, [{}], { family: "namer", kind: "x" }]) {
    assert.throws(() => pluginsOf(wrong, "./x.mjs"), /default export of \.\/x\.mjs/);
  }
});

test("the plugins in the box go together, and each describes its configuration", () => {
  for (const { kind, schema } of new Registry(builtins).all) {
    assert.equal((schema.json as { type?: string }).type, "object", kind);
  }
});
