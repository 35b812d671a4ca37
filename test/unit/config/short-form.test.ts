import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { describeConfig } from "../../../src/cli/describe-config.ts";
import { settingsFor } from "../../../src/config/config.ts";
import { expand } from "../../../src/config/expand.ts";
import { Path } from "../../../src/naming/path.ts";
import { errorsOf, read } from "./read.ts";

const sources = `sources:
  zk: {zookeeper: "zk1:2181,zk2/chroot", path: /services}
  files: {files: ./disco}
`;

test("ten lines become a router with its own defaults", async () => {
  const config = await read(`${sources}routes:\n  users: zk/users\n`);
  const [router] = config.routers;
  assert.ok(router);
  assert.deepEqual(
    router.identifiers.map(({ kind }) => kind),
    ["linkspan.host"],
  );
  assert.deepEqual(router.servers, [
    { port: 4140, ip: "127.0.0.1", clearContext: false, maxCallDepth: 1000, trust: [] },
  ]);
  const { loadBalancer, failureAccrual } = settingsFor(router.client, Path.read("/#/zk/users"));
  assert.deepEqual(
    [loadBalancer.kind, loadBalancer.config],
    ["ewma", { maxEffort: 5, decayTimeMs: 10_000, failurePenaltyMs: 1000 }],
  );
  assert.equal(failureAccrual.kind, "io.l5d.consecutiveFailures");
  assert.deepEqual(config.guard, { holdMs: 30_000, nameShare: 0.5, sourceShare: 0.2 });
});

test("sources become namers under their own names", async () => {
  const { namers } = await read(
    `${sources}  old: {zookeeper: zk3, format: serversets, path: /disco/prod}\nroutes: {a: old/a}\n`,
  );
  const zkAddrs = [
    { host: "zk1", port: 2181 },
    { host: "zk2", port: 2181 },
  ];
  assert.deepEqual(
    namers.map(({ prefix, kind, config }) => [prefix.show, kind, config]),
    [
      ["/zk", "io.l5d.curator", { zkAddrs, basePath: "/chroot/services", port: "byTls" }],
      ["/files", "io.l5d.fs", { rootDir: "./disco" }],
      ["/old", "io.l5d.serversets", { zkAddrs: [{ host: "zk3", port: 2181 }] }],
    ],
  );
});

test("a name that no target can begin with is no name of a source", async () => {
  for (const [written, name] of [
    ['""', ""],
    ["a/b", "a/b"],
    ["a b", "a b"],
    ["ä", "ä"],
  ]) {
    const problems = await errorsOf(`sources:\n  ${written}: {files: ./disco}\nroutes: {a: "127.0.0.1:1"}\n`);
    const said = problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
    assert.deepEqual(said, [`2:3 a source cannot be called ${JSON.stringify(name)}`]);
  }
  const [problem] = await errorsOf("sources:\n  {a: b}: {files: ./disco}\nroutes: {a: '127.0.0.1:1'}\n");
  assert.equal(problem?.message, "a key cannot be a list, a mapping or an alias");
});

test("a source says which port of Curator's instances is called, and none of a serverset's members", async () => {
  const { namers } = await read("sources: {zk: {zookeeper: zk1, port: sslPort}}\nroutes: {a: zk/a}\n");
  const [namer] = namers;
  assert.ok(namer);
  assert.equal((namer.config as { readonly port?: string }).port, "sslPort");
  const [problem] = await errorsOf(
    "sources: {zk: {zookeeper: zk1, format: serversets, port: port}}\nroutes: {a: zk/a}\n",
  );
  assert.deepEqual([problem?.column, problem?.message], [52, "`port` is for instances of Curator's"]);
});

test("sources in DNS, Marathon and Nomad say where to ask, and end a list of targets unless they say otherwise", async () => {
  const { namers, routers } = await read(
    `sources:
  dns: {dns: true}
  goes-on: {dns: true, whenUnreachable: next}
  marathon: {marathon: "marathon.mesos:8080"}
  nomad: {nomad: "[::1]:4647", namespace: shop}
  near: {nomad: localhost}
routes:
  users: dns/_http._tcp.users.example.com
  db: [dns/db.example.com:5432, nomad/db]
`,
  );
  assert.deepEqual(
    namers.map(({ prefix, kind, config, whenUnreachable }) => [prefix.show, kind, config, whenUnreachable]),
    [
      ["/dns", "linkspan.dns", {}, "fail"],
      ["/goes-on", "linkspan.dns", {}, "next"],
      ["/marathon", "io.l5d.marathon", { host: "marathon.mesos", port: 8080 }, "fail"],
      ["/nomad", "linkspan.nomad", { host: "::1", port: 4647, namespace: "shop" }, "fail"],
      ["/near", "linkspan.nomad", { host: "localhost", port: 4646, namespace: "default" }, "fail"],
    ],
  );
  assert.equal(
    routers[0]?.dtab.show,
    "/svc/users=>/#/dns/_http._tcp.users.example.com;/svc/db=>/#/dns/db.example.com:5432 | /#/nomad/db",
  );
});

test("a source in Kubernetes is a kubeconfig's or the own cluster's, and each protocol has its own usual port", async () => {
  const { namers, routers } = await read(
    `sources:
  here: {kubernetes: in-cluster}
  there: {kubernetes: ./kube.yaml, context: east}
listen: {http: 4140, h2: 4142}
routes:
  users: here/shop/users
  orders: [there/shop/orders:web, here/shop/orders]
  "*": here/shop/*
`,
  );
  assert.deepEqual(
    namers.map(({ prefix, kind, config }) => [prefix.show, kind, config]),
    [
      ["/here", "io.l5d.k8s", { inCluster: true }],
      ["/there", "io.l5d.k8s", { kubeconfig: "./kube.yaml", context: "east", inCluster: false }],
    ],
  );
  const dtab = (port: string): string =>
    `/svc=>/#/here/shop/${port};/svc/users=>/#/here/shop/${port}/users;/svc/orders=>/#/there/shop/web/orders`;
  assert.deepEqual(
    routers.map(({ dtab }) => dtab.show),
    [dtab("-"), dtab("-grpc")],
  );
});

const both = `${sources}listen: {http: 4140}
routes:
  users: [zk/users, old/users]
routers:
- protocol: http
  label: "1.10"
  dtab: |
    /svc => /#/zk ;
    /svc => /#/nobody ;
  servers: [{port: 4150}]
namers:
- {kind: io.l5d.fs, prefix: /old, rootDir: ./old}
log: {level: debug}
`;

test("a file may hold both forms: its own routers and namers come after those of its routes and sources", async () => {
  const config = await read(both);
  assert.deepEqual(
    config.routers.map(({ label, servers, dtab }) => [label, servers[0]?.port, dtab.show]),
    [
      ["http", 4140, "/svc/users=>/#/zk/users | /#/old/users"],
      ["1.10", 4150, "/svc=>/#/zk;/svc=>/#/nobody"],
    ],
  );
  assert.deepEqual(
    config.namers.map(({ prefix }) => prefix.show),
    ["/zk", "/files", "/old"],
  );
  assert.equal(config.log.level, "debug");
  assert.deepEqual(
    config.routers[1]?.dtabPlaces.all.map(({ line }) => line),
    [11, 12],
  );
});

test("in a file with both forms each mistake is told at its place, all at once", async () => {
  const wrong = both
    .replace("zk/users,", "kz/users,")
    .replace("label:", "labl:")
    .replace("rootDir", "rotDir")
    .replace("level: debug", "level: loud");
  const told = (await errorsOf(wrong)).map(({ line, column }) => `${line}:${column}`);
  assert.deepEqual(told, ["6:11", "9:3", "15:35", "16:14"]);
});

test("a warning of a router in a file with both forms stands in its dtab", async () => {
  const { warnings } = await read(both);
  assert.deepEqual(
    warnings.filter(({ message }) => message.includes("/#/nobody")).map(({ line, column }) => [line, column]),
    [[12, 13]],
  );
});

test("a file may hold sources and routers alone, and nothing that only routes could use", async () => {
  const { routers, namers } = await read(
    `${sources}routers:\n- {protocol: http, dtab: /svc => /#/zk, servers: [{port: 0}]}\n`,
  );
  assert.deepEqual([routers.length, namers.length], [1, 2]);
  const [problem] = await errorsOf(
    `${sources}timeout: 1s\nrouters:\n- {protocol: http, dtab: /svc => /#/zk, servers: [{port: 0}]}\n`,
  );
  assert.deepEqual([problem?.line, problem?.message], [4, "`timeout` is for `routes`, and there are none"]);
  assert.match((await errorsOf(`${sources}`))[0]?.message ?? "", /`routes` is missing/);
});

test("the name of a source that is written wrong is told with the right one, wherever a target may stand", async () => {
  const example = "sources:\n  example: {files: ./disco}\n";
  for (const routes of [
    "routes: {a: exmaple/a}",
    "routes: {a: [example/a, exmaple/b]}",
    "routes: {a: {exmaple/a: 1}}",
    "routes: {a: {to: exmaple/a}}",
    "routes: [{match: {host: a}, to: exmaple/a}]",
    "listen: {tcp: {3306: exmaple/a}}",
  ]) {
    const problems = await errorsOf(`${example}${routes}\n`);
    assert.equal(problems.length, 1, routes);
    assert.match(problems[0]?.nearest ?? "", /^example\/[ab]$/, routes);
    assert.equal(problems[0]?.text.slice((problems[0]?.column ?? 1) - 1).startsWith("exmaple"), true, routes);
  }
});

const host = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
const target = fc.oneof(
  host.map((name) => `zk/${name}`),
  host.map((name) => `files/a/${name}`),
  fc.integer({ min: 1, max: 65_535 }).map((port) => `127.0.0.1:${port}`),
);
const targets = fc.oneof(
  target,
  fc.uniqueArray(target, { minLength: 1, maxLength: 3 }),
  fc
    .uniqueArray(target, { minLength: 1, maxLength: 3 })
    .map((list) => Object.fromEntries(list.map((each, index) => [each, index + 0.5]))),
);
const route = fc.oneof(
  targets,
  fc.record({
    to: targets,
    timeout: fc.constantFrom("1s", "250ms"),
    retries: fc.constantFrom(0, 2, { limit: 1, on: ["5xx"] }),
  }),
);

test("what a short form expands to means the same", async () => {
  const routes = fc.dictionary(host, route, { minKeys: 1, maxKeys: 4 });
  await fc.assert(
    fc.asyncProperty(routes, fc.boolean(), fc.integer({ min: 0, max: 9000 }), async (hosts, rest, listen) => {
      const all = rest ? { ...hosts, "*": "zk/*" } : hosts;
      const written = JSON.stringify({
        sources: { zk: { zookeeper: "zk1:2181", path: "/s" }, files: { files: "./d" } },
        listen,
        routes: all,
        balancer: rest ? "p2c" : "ewma",
      });
      const config = await read(written);
      const again = await read(expand(config));
      assert.deepEqual(describeConfig(again), describeConfig(config));
    }),
    { numRuns: 60 },
  );
});
