/** YAML and JSON as plugins read it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseYaml } from "../../../src/config/parse-yaml.ts";

test("a text is given as data, with the letters of its scalars", async () => {
  const { value, source } = await parseYaml("a.yaml", "port: 0080\nnames: [1.10, x]");
  assert.deepEqual(Object.keys(value as object), ["port", "names"]);
  assert.equal(source.textAt?.(["port"]), "0080");
  assert.equal(source.textAt?.(["names", 0]), "1.10");
  assert.equal(source.textAt?.(["names"]), undefined);
  assert.deepEqual((await parseYaml("a.json", '{"a": [1, null]}')).value, { a: [1, null] });
});

test("the first mistake is an error with its place", async () => {
  await assert.rejects(parseYaml("a.yaml", "a: 1\nb: [1\n"), /^Error: a\.yaml:\d+:\d+: /);
  await assert.rejects(parseYaml("a.yaml", ""), /^Error: a\.yaml:1:1: /);
});
