import assert from "node:assert/strict";
import { test } from "node:test";
import { settingsFor } from "../../../src/config/config.ts";
import { Path } from "../../../src/naming/path.ts";
import { read } from "./read.ts";

const sources = `sources:
  zk: {zookeeper: "zk1:2181,zk2/chroot", path: /services}
  files: {files: ./disco}
`;

test("settings beside a target hold for that route alone", async () => {
  const config = await read(
    `${sources}timeout: 9s\nroutes:\n  users: zk/users\n  mail: {to: zk/mail, timeout: 2s, balancer: p2c, retries: {limit: 1, on: [5xx, idempotent], budget: {ratio: 0.5}, backoff: 20ms}}\n`,
  );
  const [router] = config.routers;
  assert.ok(router);
  const mail = settingsFor(router.service, Path.read("/svc/mail"));
  assert.equal(mail.totalTimeoutMs, 2000);
  assert.deepEqual(mail.retries, {
    limit: 1,
    budget: { minRetriesPerSec: 10, percentCanRetry: 0.5, ttlSecs: 10 },
    backoff: { kind: "constant", ms: 20 },
  });
  assert.equal(mail.responseClassifier.kind, "io.l5d.http.retryableIdempotent5XX");
  const users = settingsFor(router.service, Path.read("/svc/users"));
  assert.deepEqual([users.totalTimeoutMs, users.retries.limit], [9000, 3]);
  const kindOf = (id: string) => settingsFor(router.client, Path.read(id)).loadBalancer.kind;
  assert.deepEqual([kindOf("/#/zk/mail"), kindOf("/#/zk/users")], ["p2c", "ewma"]);
});
