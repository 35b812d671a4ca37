import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Environment } from "../../src/base/environment.ts";
import { Scope } from "../../src/base/scope.ts";
import { builtins } from "../../src/builtins.ts";
import { parseConfig } from "../../src/config/load.ts";
import { openMemory } from "../../src/memory-linker.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { setOf } from "../fakes/remembered-scene.ts";
import { tempFolder } from "../e2e/temp-folder.ts";

/** Whether a daemon with such a file and environment, which has ended, has left a snapshot there. */
async function leaves(place: string, text: string, baseDir: string, env: Environment): Promise<boolean> {
  const config = await parseConfig(text, { file: join(baseDir, "linkspan.yaml"), baseDir, builtins });
  const owner = new Scope();
  const memory = await openMemory(config, testContext({ env }), owner);
  memory.of("/n").addresses.remember("/users", setOf("a"));
  await owner.close();
  return access(place).then(
    () => true,
    () => false,
  );
}

const ROUTER = "routers: [{protocol: http, servers: [{port: 0}]}]";

test("what is remembered is in the first of the folders that systemd names, unless the file says where", async () => {
  using folder = tempFolder({});
  const { path } = folder;
  const env = { STATE_DIRECTORY: `${path}:${path}/other` };
  assert.ok(await leaves(join(path, "snapshot"), ROUTER, path, env));
  assert.ok(await leaves(join(path, "mine"), `${ROUTER}\nsnapshot: {path: mine}`, path, env));
});

test("where nobody names a place nothing is written", async () => {
  using folder = tempFolder({});
  assert.ok(!(await leaves(join(folder.path, "snapshot"), ROUTER, folder.path, {})));
  assert.ok(!(await leaves(join(folder.path, "snapshot"), ROUTER, folder.path, { STATE_DIRECTORY: "" })));
});
