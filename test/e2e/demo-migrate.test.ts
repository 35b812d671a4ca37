// The walk-through of docs/guide/migrate.md on played registries; test/integration/migrate.test.ts has the real ones.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { inOwnNetwork } from "../servers/netns.ts";
import { judgeMigration } from "./judge-migration.ts";

inOwnNetwork(import.meta.url, undefined, () => {
  test("two services move from ZooKeeper to Kubernetes, and only the tenth that met a mistake fails", async (t) => {
    await judgeMigration("fake", t.signal);
  });

  test("the guide tells each command that the walk-through types", async () => {
    const guide = await readFile(new URL("../../docs/guide/migrate.md", import.meta.url), "utf8");
    const steps = await readFile(new URL("../../scripts/demo/migrate/steps.ts", import.meta.url), "utf8");
    const verbs = new Set(
      Array.from(steps.matchAll(/linkspan [a-z]+(?: (?:plan|status|start|ack))?/g), ([verb]) => verb),
    );
    assert.ok(verbs.size > 6);
    for (const verb of verbs) assert.ok(guide.includes(verb), verb);
  });
});
