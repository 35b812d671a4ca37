import assert from "node:assert/strict";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { ConfigError } from "../../../src/config/config-error.ts";
import { parseConfig } from "../../../src/config/load.ts";
import notServed from "../../../src/plugins/not-served.ts";

const read = (text: string) => parseConfig(text, { file: "linkerd.yaml", baseDir: "/", builtins });

async function errorsOf(text: string): Promise<readonly string[]> {
  try {
    await read(text);
    return [];
  } catch (error) {
    assert(error instanceof ConfigError);
    return error.problems.filter(({ severity }) => severity === "error").map(({ message }) => message);
  }
}

test("a kind that is not served is read in full, and says in one sentence what to use instead", async () => {
  const namer = (keys: string): string =>
    `namers:\n- {kind: io.l5d.rancher${keys}}\nrouters:\n- {protocol: http, servers: [{}]}\n`;
  const [rancher, ...others] = await errorsOf(namer(", experimental: true, portMappings: {web: 8080}, maxWait: 60"));
  assert.match(rancher ?? "", /^the namer io\.l5d\.rancher is not served: .*; use /);
  assert.deepEqual(others, []);
  assert.equal((await errorsOf(namer(", maxWait: long"))).length, 2, "its other mistakes are told with it");
  for (const { kind, refused } of notServed) assert.match(refused ?? "", new RegExp(`${kind} is not served: .*; use `));
});
