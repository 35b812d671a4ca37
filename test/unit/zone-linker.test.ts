import assert from "node:assert/strict";
import { test } from "node:test";
import type { Environment } from "../../src/base/environment.ts";
import { Scope } from "../../src/base/scope.ts";
import type { World } from "../../src/naming-root.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { ownZone } from "../../src/zone-linker.ts";

async function zoneIn(zone: string | undefined, env: Environment) {
  await using owner = new Scope();
  const log = new RecordingLog();
  const world = testContext({ log, env }) as unknown as World;
  const own = ownZone({ zone, baseDir: "/" }, { world, bug: (error) => assert.fail(String(error)) }, owner);
  own.want();
  own.want();
  return { name: own.name, told: log.told("zone.unknown").length };
}

test("the configuration stands above the environment", async () => {
  assert.deepEqual(await zoneIn("a", { LINKSPAN_ZONE: "b" }), { name: "a", told: 0 });
  assert.deepEqual(await zoneIn(undefined, { LINKSPAN_ZONE: "b", NODE_NAME: "n" }), { name: "b", told: 0 });
});

test("who is told nothing and is no pod has no zone, which is told once somebody goes by it", async () => {
  assert.deepEqual(await zoneIn(undefined, {}), { name: undefined, told: 1 });
  assert.deepEqual(await zoneIn(undefined, { LINKSPAN_ZONE: "", NODE_NAME: "n" }), { name: undefined, told: 1 });
});

test("a pod asks its API server, and has no zone meanwhile", async () => {
  const pod = { NODE_NAME: "n", KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: "1" };
  assert.deepEqual(await zoneIn(undefined, pod), { name: undefined, told: 0 });
});
