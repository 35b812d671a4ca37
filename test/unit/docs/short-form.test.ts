/** The guide to the short form speaks of every key that there is. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { Registry } from "../../../src/config/registry.ts";
import { listedRouteSchema, shortSchema } from "../../../src/config/short-schema.ts";
import { sourceSchema } from "../../../src/config/short-sources.ts";

const page = await readFile(new URL("../../../docs/guide/short-form.md", import.meta.url), "utf8");

interface Described {
  readonly properties?: Readonly<Record<string, Described>>;
  readonly anyOf?: readonly Described[];
}

/** The keys of a mapping, and with `isDeep` of those in it. */
function keysOf(schema: Described, isDeep = false): readonly string[] {
  const own = Object.entries(schema.properties ?? {});
  const nested = isDeep ? own.flatMap(([, each]) => keysOf(each, true)) : [];
  return [
    ...own.map(([key]) => key),
    ...nested,
    ...(isDeep ? (schema.anyOf ?? []).flatMap((each) => keysOf(each, true)) : []),
  ];
}

test("the guide has every key of the short form", () => {
  const { properties = {} } = shortSchema(new Registry(builtins)).json as Described;
  const keys = [
    ...Object.keys(properties),
    ...keysOf(sourceSchema.json),
    ...keysOf(listedRouteSchema.json, true),
    ...keysOf(properties["listen"] ?? {}, true),
  ];
  // Those of Linkerd 1 have their own page.
  const missing = [...new Set(keys)].filter((key) => key !== "usage" && !new RegExp(`\\b${key}\\b`).test(page));
  assert.deepEqual(missing, []);
});
