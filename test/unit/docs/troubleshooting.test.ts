import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";

test("every failure code has its cause and a next step", async () => {
  const text = await readFile(new URL("../../../docs/guide/troubleshooting.md", import.meta.url), "utf8");
  const described = [...text.matchAll(/^### `([a-z._]+)`$/gm)].map(([, code]) => code);
  assert.deepEqual(described.toSorted(), Object.keys(failures).sort());
});

test("both ends of a take-over that was none are explained", async () => {
  const text = await readFile(new URL("../../../docs/guide/troubleshooting.md", import.meta.url), "utf8");
  for (const code of ["takeover.nobody", "takeover.failed"])
    assert.match(text, new RegExp(`^\\| \`${code}\`, exit \\d `, "m"));
});
