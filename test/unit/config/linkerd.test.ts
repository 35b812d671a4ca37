import assert from "node:assert/strict";
import { test } from "node:test";
import { settingsFor } from "../../../src/config/config.ts";
import { Path } from "../../../src/naming/path.ts";
import { errorsOf, read } from "./read.ts";

const minimal = "routers:\n- protocol: http\n  servers:\n  - port: 4140\n";

test("a linkerd.yaml of four lines has every default of Linkerd 1", async () => {
  const config = await read(minimal);
  const [router] = config.routers;
  assert.ok(router);
  assert.equal(router.label, "http");
  assert.equal(router.dstPrefix.show, "/svc");
  assert.equal(router.dtab.size, 0);
  assert.equal(router.bindingTimeoutMs, 10_000);
  assert.deepEqual(router.bindingCache, { paths: 1000, clients: 1000, idleTtlSecs: 600 });
  assert.deepEqual(
    router.identifiers.map(({ kind, config }) => [kind, config]),
    [["io.l5d.header.token", { header: "Host" }]],
  );
  assert.deepEqual(router.servers, [{ port: 4140, ip: "127.0.0.1", clearContext: false, maxCallDepth: 1000 }]);
  const client = settingsFor(router.client, Path.read("/#/io.l5d.fs/web"));
  assert.deepEqual([client.loadBalancer.kind, client.loadBalancer.config], ["p2c", { maxEffort: 5 }]);
  assert.deepEqual(
    [client.failureAccrual.kind, client.failureAccrual.config],
    ["io.l5d.consecutiveFailures", { failures: 5 }],
  );
  assert.equal(client.connectTimeoutMs, 1000);
  assert.equal(client.requestAttemptTimeoutMs, undefined);
  const { retries, responseClassifier } = settingsFor(router.service, Path.read("/svc/web"));
  assert.deepEqual(retries, {
    budget: { minRetriesPerSec: 10, percentCanRetry: 0.2, ttlSecs: 10 },
    backoff: { kind: "constant", ms: 0 },
    limit: 3,
  });
  assert.equal(responseClassifier.kind, "io.l5d.http.nonRetryable5XX");
  assert.deepEqual([config.admin.ip, config.admin.port, config.shutdownGraceMs], ["127.0.0.1", 9990, 10_000]);
  assert.deepEqual([config.workers, config.log.level], [undefined, "info"]);
});

test("a namer's prefix is its kind unless the file says another", async () => {
  const config = await read(
    `${minimal}namers:\n- {kind: io.l5d.fs, rootDir: a}\n- {kind: io.l5d.fs, prefix: /b, rootDir: b}\n`,
  );
  assert.deepEqual(
    config.namers.map(({ prefix }) => prefix.show),
    ["/io.l5d.fs", "/b"],
  );
  assert.deepEqual(
    config.namers.map(({ config }) => config),
    [{ rootDir: "a" }, { rootDir: "b" }],
  );
});

test("each dentry knows its line, in literal and folded blocks alike", async () => {
  const dtab = (style: string): string =>
    `routers:\n- protocol: http\n  dtab: ${style}\n    /a => /b ;\n    /c => /d ;\n  servers:\n  - port: 4140\n`;
  for (const style of ["|", ">-"]) {
    const [router] = (await read(dtab(style))).routers;
    assert.deepEqual(
      router?.dtabPlaces.all.map(({ line, column }) => [line, column]),
      [
        [4, 5],
        [5, 5],
      ],
      style,
    );
  }
});

test("one identifier or a list of them is accepted", async () => {
  const list = minimal.replace(
    "  servers",
    "  identifier:\n  - kind: io.l5d.header\n  - {kind: io.l5d.static, path: /x}\n  servers",
  );
  assert.deepEqual(
    (await read(list)).routers[0]?.identifiers.map(({ kind }) => kind),
    ["io.l5d.header", "io.l5d.static"],
  );
});

test("null is the same as absent", async () => {
  const config = await read(`${minimal}  service:\n  client:\n  dtab:\nnamers:\nadmin:\n`);
  assert.equal(config.routers[0]?.dtab.size, 0);
});

test("no routers is one sentence", async () => {
  for (const text of ["admin: {port: 9991}\n", "routers:\n", "routers: []\n"]) {
    assert.equal((await errorsOf(text)).length, 1, text);
  }
});

test("what is accepted and does nothing is a warning by name", async () => {
  const config = await read(
    `${minimal}  maxErrResponseKB: 1\nusage: {orgId: x}\ntelemetry:\n- kind: io.l5d.prometheus\n- {kind: io.l5d.zipkin, host: z}\n`,
  );
  assert.deepEqual(
    config.warnings.map(({ message }) => /maxErrResponseKB|io\.l5d\.zipkin/.exec(message)?.[0]),
    ["maxErrResponseKB", "io.l5d.zipkin"],
  );
});

test("a number that YAML 1.1 reads as octal is taken as decimal, with a warning", async () => {
  const config = await read(minimal.replace("4140", "010054"));
  assert.equal(config.routers[0]?.servers[0]?.port, 10_054);
  assert.match(config.warnings[0]?.message ?? "", /octal/);
});

test("a namer that says nothing of whenUnreachable means what its kind means, which is fail unless the plugin says so", async () => {
  const namers = [
    "{kind: io.l5d.fs, rootDir: a}",
    "{kind: com.acme.goes-on}",
    "{kind: com.acme.goes-on, prefix: /b, whenUnreachable: fail}",
  ];
  const config = await read(`${minimal}namers:\n${namers.map((each) => `- ${each}\n`).join("")}`);
  assert.deepEqual(
    config.namers.map((each) => each.whenUnreachable),
    ["fail", "next", "fail"],
  );
});

test("the guard holds for half a minute, no source is too stale, and a memory is kept for a week, unless the file says else", async () => {
  const usual = await read(minimal);
  assert.deepEqual(usual.guard, { holdMs: 30_000, nameShare: 0.5, sourceShare: 0.2 });
  assert.deepEqual([usual.maxStaleMs, usual.snapshot.keepMs], [undefined, 7 * 24 * 3_600_000]);
  const said = await read(
    `${minimal}guard: {hold: 0, name: 0.25, source: 1, maxStale: 2m}\nsnapshot: {path: /var/x, interval: 1s, keep: 1h}\n`,
  );
  assert.deepEqual(said.guard, { holdMs: 0, nameShare: 0.25, sourceShare: 1 });
  assert.equal(said.maxStaleMs, 120_000);
  assert.deepEqual(said.snapshot, { path: "/var/x", intervalMs: 1_000, keepMs: 3_600_000 });
});
