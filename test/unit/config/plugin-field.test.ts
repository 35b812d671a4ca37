import assert from "node:assert/strict";
import { test } from "node:test";
import { definePlugin, SchemaError } from "../../../src/config/plugin.ts";
import { PluginField } from "../../../src/config/plugin-field.ts";
import { Registry } from "../../../src/config/registry.ts";
import { s } from "../../../src/config/schema.ts";
import { testPlugins } from "./test-plugins.ts";

const common = s.object({ prefix: s.string({ default: "/none" }) });
const field = new PluginField(new Registry(testPlugins), "namer", common, ["prefix"], {});

test("the core's keys and the plugin's are told apart", () => {
  const { kind, prefix, config } = field.parse({ kind: "io.l5d.fs", prefix: "/x", rootDir: "d" });
  assert.deepEqual([kind, prefix, config], ["io.l5d.fs", "/x", { rootDir: "d" }]);
});

test("a problem of the plugin has its path from the outside", () => {
  const list = s.list(field);
  assert.throws(
    () => list.parse([{ kind: "io.l5d.fs", rootdir: "d" }]),
    (error) => error instanceof SchemaError && error.problems[0]?.at.join(".") === "0.rootdir",
  );
});

test("an experimental plugin must be allowed by name, and `experimental` is accepted on any", () => {
  assert.throws(() => field.parse({ kind: "com.acme.lab" }), /experimental/);
  assert.deepEqual(field.parse({ kind: "com.acme.lab", experimental: true }).config, { tag: "none" });
  assert.deepEqual(field.parse({ kind: "io.l5d.fs", experimental: true, rootDir: "d" }).config, { rootDir: "d" });
});

test("a parser of another library may throw what it likes", () => {
  const odd = definePlugin({
    api: 1,
    family: "namer",
    kind: "odd",
    schema: {
      json: {},
      parse() {
        throw new Error("odd indeed");
      },
    },
    create() {
      throw new Error("not made in this test");
    },
  });
  const oddField = new PluginField(new Registry([odd]), "namer", s.object({}), [], {});
  assert.throws(
    () => oddField.parse({ kind: "odd" }),
    (error) => error instanceof SchemaError && error.problems[0]?.message === "odd indeed",
  );
});
