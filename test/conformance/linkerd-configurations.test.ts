/** Each configuration that was given to a running Linkerd 1.7.5 is accepted or refused as there, or the difference is listed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configurationDifferences } from "../../scripts/linkerd-admin-differences.ts";
import { builtins } from "../../src/builtins.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { parseConfig } from "../../src/config/load.ts";
import { readVectors } from "../fakes/linkerd-replay.ts";

interface Recorded {
  readonly name: string;
  readonly text: string;
  readonly accepted: boolean;
}

async function accepted(text: string): Promise<boolean> {
  try {
    await parseConfig(text, { file: "linkerd.yaml", baseDir: "/etc/linkspan", builtins });
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

test("configurations are accepted and refused as by Linkerd 1.7.5, but for the listed differences", async () => {
  const records = readVectors<Recorded>("broken.jsonl");
  const found: string[] = [];
  for (const record of records) if ((await accepted(record.text)) !== record.accepted) found.push(record.name);
  assert.deepEqual(found.toSorted(), Object.keys(configurationDifferences).toSorted());
});
