import assert from "node:assert/strict";
import { test } from "node:test";
import { settingsFor } from "../../../src/config/config.ts";
import { Path } from "../../../src/naming/path.ts";
import { read } from "./read.ts";

const minimal = "routers:\n- protocol: http\n  servers:\n  - port: 4140\n";

test("settings of io.l5d.static come together from all patterns that match, later ones above", async () => {
  const service = `  service:
    kind: io.l5d.static
    configs:
    - prefix: /svc
      totalTimeoutMs: 100
      retries: {budget: {minRetriesPerSec: 1}}
    - prefix: /svc/{name}-canary
      retries: {limit: 1}
    - prefix: /svc/*/deep
      totalTimeoutMs: 7
`;
  const [router] = (await read(minimal + service)).routers;
  assert.ok(router);
  const at = (name: string) => settingsFor(router.service, Path.read(name));
  assert.equal(at("/svc/web").totalTimeoutMs, 100);
  assert.equal(at("/svc/web/deep").totalTimeoutMs, 7);
  assert.deepEqual([at("/svc/a-canary").retries.limit, at("/svc/a-canary").retries.budget.minRetriesPerSec], [1, 1]);
  assert.equal(at("/other").totalTimeoutMs, undefined);
});
