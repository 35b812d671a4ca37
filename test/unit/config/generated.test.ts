import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { generated } from "../../../scripts/docs.ts";

const root = new URL("../../../", import.meta.url);

test("the reference and the JSON Schema are what the schemas make of them", async () => {
  for (const [path, text] of await generated()) {
    assert.equal(await readFile(new URL(path, root), "utf8"), text, `${path}: run npm run docs`);
  }
});

test("every key of the reference has its sentence", async () => {
  const text = await readFile(new URL("docs/reference/config.md", root), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  assert.ok(rows.length > 80);
  const silent = rows.filter((row) => /\|\s*\|$/.test(row) && !/`kind`|experimental|enableProbation/.test(row));
  assert.deepEqual(silent, []);
});
