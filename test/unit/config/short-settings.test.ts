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

test("a port for h2 makes a router of its own for the same routes, which judges gRPC by its status", async () => {
  const config = await read(`${sources}listen: {http: 4140, h2: 4142, host: 0.0.0.0}
retries: {on: [5xx]}
routes:
  users: zk/users
  grpc: {to: zk/grpc, protocol: h2, retries: {on: [5xx, idempotent]}}
  old: {to: zk/old, protocol: http}
`);
  assert.deepEqual(
    config.routers.map(({ protocol, label, servers }) => [protocol, label, servers[0]?.ip, servers[0]?.port]),
    [
      ["http", "http", "0.0.0.0", 4140],
      ["h2", "h2", "0.0.0.0", 4142],
    ],
  );
  const [http, h2] = config.routers;
  assert.ok(http?.protocol === "http" && h2?.protocol === "h2");
  assert.equal(http.dtab.show, h2.dtab.show);
  const protocols = ["users", "grpc", "old"].map((name) =>
    [http, h2].map((router) => settingsFor(router.client, Path.read(`/#/zk/${name}`)).protocol),
  );
  assert.deepEqual(protocols, [
    ["http", "h2"],
    ["h2", "h2"],
    ["http", "http"],
  ]);
  const classifierOf = (router: typeof http | typeof h2, name: string) => {
    const { kind, config } = settingsFor(router.service, Path.read(`/svc/${name}`)).responseClassifier;
    return [kind, config];
  };
  assert.deepEqual(classifierOf(h2, "users"), ["linkspan.status", { retryable: "all" }]);
  assert.deepEqual(classifierOf(h2, "grpc"), ["linkspan.status", { retryable: "idempotent" }]);
  assert.deepEqual(classifierOf(http, "grpc"), ["io.l5d.http.retryableIdempotent5XX", {}]);
  assert.equal(h2.identifiers[0]?.kind, "linkspan.host");
});

test("only h2 is listened for where only h2 is said", async () => {
  const { routers } = await read(`${sources}listen: {h2: 0}\nroutes: {users: zk/users}\n`);
  assert.deepEqual(
    routers.map(({ protocol }) => protocol),
    ["h2"],
  );
  const [router] = routers;
  assert.ok(router?.protocol === "h2");
  const { responseClassifier } = settingsFor(router.service, Path.read("/svc/users"));
  assert.deepEqual([responseClassifier.kind, responseClassifier.config], ["linkspan.status", { retryable: "none" }]);
});

test("checks hold for the instances of a route, rules, faults and shadows for its requests", async () => {
  const config = await read(`${sources}listen: {http: 4140, h2: 4142}
routes:
  users:
    to: files/users
    health: {kind: http, path: /ok, interval: 5s}
    classify: [{status: 429, as: failure}]
    retries: {on: [idempotent]}
    faults: [{match: {path: /slow}, delay: 2s}]
    shadow: {to: files/users-v2, fraction: 0.1}
`);
  for (const { client, service } of config.routers) {
    const { healthCheck } = settingsFor(client, Path.read("/#/files/users"));
    const times = { interval: 5_000, timeout: 1_000, down: 3, up: 2 };
    assert.deepEqual(healthCheck, { kind: "http", path: "/ok", service: "", ...times });
    assert.equal(settingsFor(client, Path.read("/#/files/others")).healthCheck, undefined);
    const { responseClassifier, faults, shadow } = settingsFor(service, Path.read("/svc/users"));
    assert.equal(responseClassifier.kind, "linkspan.rules");
    assert.equal((responseClassifier.config as { retryable: string }).retryable, "idempotent");
    assert.deepEqual(faults, [{ match: { path: "/slow" }, fraction: 1, delay: 2_000 }]);
    assert.deepEqual([shadow?.to.show, shadow?.fraction], ["/#/files/users-v2", 0.1]);
  }
});
