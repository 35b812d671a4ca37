import assert from "node:assert/strict";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { type Config, settingsFor } from "../../../src/config/config.ts";
import { ConfigError } from "../../../src/config/config-error.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { Path } from "../../../src/naming/path.ts";

function read(text: string): Promise<Config> {
  return parseConfig(text, { file: "linkerd.yaml", baseDir: "/etc/linkspan", builtins });
}

async function errorsOf(text: string): Promise<readonly string[]> {
  const thrown: unknown = await read(text).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ConfigError);
  return thrown.problems.map(({ line, message }) => `${line} ${message}`);
}

test("a TCP router goes by its port, to the endpoint with the fewest connections", async () => {
  const { routers } = await read("routers:\n- protocol: tcp\n  servers: [{port: 3306}]\n");
  const [router] = routers;
  assert.ok(router);
  assert.deepEqual(
    [router.protocol, router.label, router.identifiers.map(({ kind }) => kind), router.servers[0]?.ip],
    ["tcp", "tcp", ["linkspan.port"], "127.0.0.1"],
  );
  const { loadBalancer, connectTimeoutMs, idleTimeoutMs } = settingsFor(router.client, Path.read("/#/io.l5d.fs/a"));
  assert.deepEqual([loadBalancer.kind, connectTimeoutMs, idleTimeoutMs], ["p2c", 3000, 600_000]);
});

test("its clients may differ by bound id", async () => {
  const { routers } = await read(`routers:
- protocol: tcp
  client:
    kind: io.l5d.static
    configs:
    - {prefix: "/#/io.l5d.fs/mysql", idleTimeoutMs: 28800000, loadBalancer: {kind: roundRobin}}
  servers: [{port: 3306}]
`);
  const client = routers[0]?.client;
  assert.ok(client);
  const of = (id: string) => {
    const { loadBalancer, idleTimeoutMs } = settingsFor(client, Path.read(id));
    return [loadBalancer.kind, idleTimeoutMs];
  };
  assert.deepEqual(of("/#/io.l5d.fs/mysql"), ["roundRobin", 28_800_000]);
  assert.deepEqual(of("/#/io.l5d.fs/other"), ["p2c", 600_000]);
});

test("what only requests have is refused, and so are identifiers of the other kind", async () => {
  assert.deepEqual(
    await errorsOf(`routers:
- protocol: tcp
  identifier: {kind: io.l5d.header.token}
  service: {totalTimeoutMs: 1}
  client:
    requestAttemptTimeoutMs: 1
    tls: {commonName: a}
    idleTimeoutMS: 1
  servers:
  - {ip: 0.0.0.0}
  - {port: 3306, tls: {certPath: a, keyPath: b}}
- protocol: http
  identifier: {kind: linkspan.sni}
  servers: [{port: 4140}]
`),
    [
      "3 io.l5d.header.token is for routers with protocol: http, h2",
      "4 `service` is for requests; a TCP router has none",
      "6 `requestAttemptTimeoutMs` is for requests; a TCP router has none",
      "7 `tls` is for clients of http and h2 routers: a TCP router passes TLS on untouched",
      "8 unknown key `idleTimeoutMS`",
      "10 `port` is missing",
      "11 `tls` is for servers of http and h2 routers: a TCP router passes TLS on untouched",
      "13 linkspan.sni is for routers with protocol: tcp",
    ],
  );
});
