import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { demoInstances } from "../../src/demo-instances.ts";

test("the quick start's instances are those that its file lists", async () => {
  const listed = await readFile(new URL("../../config/disco/users", import.meta.url), "utf8");
  assert.deepEqual(
    listed.trim().split("\n"),
    demoInstances.map(({ port }) => `127.0.0.1 ${port}`),
  );
});
