import assert from "node:assert/strict";
import { test } from "node:test";
import { builtins } from "../../../../src/builtins.ts";
import { ConfigError } from "../../../../src/config/config-error.ts";
import { importLinkerd } from "../../../../src/config/import/import-linkerd.ts";
import { parseConfig } from "../../../../src/config/load.ts";

const options = { file: "linkerd.yaml", baseDir: "/etc/linkerd", builtins };

/** The file that is made, without its first comment, and the report as `line fate key > to (note)`. */
async function imported(text: string) {
  const made = await importLinkerd(text, options);
  await parseConfig(made.text, options);
  const report = made.report.map(
    ({ line, fate, key, to = "", note }) => `${line} ${fate} ${key} > ${to}${note === undefined ? "" : ` (${note})`}`,
  );
  return { text: made.text.replace(/^#.*\n/, ""), report };
}

const fs = "namers:\n- {kind: io.l5d.fs, rootDir: disco}\n";
const router = (dtab: string, more = ""): string =>
  `${fs}routers:\n- protocol: http\n  dtab: |\n${dtab.replaceAll(/^/gm, "    ")}\n  servers: [{port: 4140}]\n${more}`;

test("a usual linkerd.yaml becomes sources and routes, and each of its keys is told of", async () => {
  const { text, report } = await imported(`admin: {port: 9991}
namers:
- kind: io.l5d.fs
  rootDir: disco
- kind: io.l5d.curator
  prefix: /zk
  zkAddrs: [{host: zk1, port: 2181}, {host: zk2, port: 2182}]
  basePath: /services
routers:
- protocol: http
  label: outgoing
  dtab: |
    /srv => /#/io.l5d.fs ;
    /host => /srv ;
    /host/users => /#/zk/users ;
    /host/cart => 1 * /#/zk/cart & 9 * /srv/cart ;
    /svc => /host ;
  client:
    requestAttemptTimeoutMs: 500
  service:
    kind: io.l5d.static
    configs:
    - {prefix: /, totalTimeoutMs: 2000}
    - {prefix: /svc/users, retries: {limit: 1}}
  bindingTimeoutMs: 10000
  servers: [{port: 4140, ip: 0.0.0.0, trust: [10.0.0.0/8]}]
`);
  assert.equal(
    text,
    `sources:
  io.l5d.fs: {files: disco}
  zk: {zookeeper: "zk1:2181,zk2:2182", path: /services, port: sslPort}
listen:
  http: 4140
  host: 0.0.0.0
  labels: {http: outgoing}
trust: [10.0.0.0/8]
routes:
  users: {to: [zk/users, io.l5d.fs/users], retries: 1}
  cart: [{zk/cart: 1, io.l5d.fs/cart: 9}, io.l5d.fs/cart]
  "*": io.l5d.fs/*
balancer: p2c
slowStart: 0s
panic: 0
attemptTimeout: 500ms
timeout: 2s
admin:
  port: 9991
`,
  );
  assert.deepEqual(report, [
    "1 same admin > admin",
    "3 same namers[0] > sources.io.l5d.fs",
    "5 same namers[1] > sources.zk",
    "10 changed routers[0].identifier > routes (hosts are compared without their case and port)",
    "10 same routers[0].protocol > listen",
    "11 same routers[0].label > listen",
    "12 same routers[0].dtab > routes",
    "18 same routers[0].client > balancer, attemptTimeout",
    "20 same routers[0].service > timeout, retries",
    "25 same routers[0].bindingTimeoutMs >  (left out: it says what is meant anyway)",
    "26 same routers[0].servers > listen, trust",
  ]);
});

test("what the short form cannot say stays as it is, letter by letter, with the reason", async () => {
  const stays = async (text: string) => {
    const { report, text: made } = await imported(text);
    const [line = ""] = report.filter((each) => each.includes("routers[0]"));
    assert.match(made, /^routers:$/m);
    return /stays as it is: (.*)\)$/.exec(line)?.[1];
  };
  const all = "/svc => /#/io.l5d.fs ;";
  assert.equal(await stays(router(all, "  identifier: {kind: io.l5d.path}\n")), "`identifier`: routes go by the host");
  assert.equal(await stays(router(all, "  bindingTimeoutMs: 500\n")), "`bindingTimeoutMs`: it has no key of its own");
  assert.equal(await stays(router(all, "  client: {connectTimeoutMs: 5}\n")), "`client`: it has no key of its own");
  assert.equal(await stays(router(all, "  dstPrefix: /http\n")), "`dstPrefix`: names begin with `/svc`");
  assert.equal(
    await stays(router(`${all}\n/svc/users => (/#/io.l5d.fs/a | /$/nil) & /#/io.l5d.fs/b ;`)),
    "`dtab`: it asks a system namer, or leads on and on",
  );
  assert.equal(
    await stays(router(`${all}\n/svc/users => ! ;`)),
    "`dtab`: no list and no weights lead where it leads `users`",
  );
  assert.equal(
    await stays(router(`${all}\n/svc/Users => /#/io.l5d.fs/u ;`)),
    "`dtab`: hosts have no capitals and no port, as `Users` has",
  );
  assert.equal(
    await stays(
      router(all, "  client: {tls: {commonName: '{service}.example'}}\n")
        .replace("client: {", "client: {kind: io.l5d.static, configs: [{prefix: '/#/io.l5d.fs/{service}', ")
        .replace("}}\n", "}}]}\n"),
    ),
    "`commonName` says {service}, which no `prefix` captures",
  );
  const { text } = await imported(router(all, "  label: 1.10\n  identifier: {kind: io.l5d.path}\n"));
  assert.match(text, /^ {2}label: 1\.10$/m);
});

test("namers that no source can stand for stay, and routes lead to them all the same", async () => {
  const { text, report } = await imported(`namers:
- {kind: io.l5d.consul, host: 127.0.0.1}
- {kind: io.l5d.serversets, prefix: /ss, zkAddrs: [{host: zk1, port: 2181}]}
- {kind: io.l5d.k8s, prefix: /k8s, inCluster: true}
- {kind: io.l5d.fs, rootDir: a}
- {kind: io.l5d.fs, prefix: /io.l5d.fs/b, rootDir: b}
routers:
- protocol: http
  dtab: |
    /svc => /#/io.l5d.consul/.local ;
    /svc => /#/ss/discovery/prod ;
    /svc => /#/k8s/shop/http ;
  servers: [{port: 4140}]
`);
  assert.match(text, /^ {2}ss: {2}?.*|ss: \{zookeeper: zk1:2181, format: serversets, path: \/\}$/m);
  assert.match(text, /"\*": \[k8s\/shop\/\*:http, ss\/discovery\/prod\/\*, io\.l5d\.consul\/\.local\/\*\]/);
  assert.deepEqual(
    report.filter((line) => line.includes("namers[")).map((line) => line.split(" > ")[1]),
    [
      "namers (stays as it is: no source says the same)",
      "sources.ss",
      "sources.k8s",
      "namers (stays as it is: no source says the same)",
      "namers (stays as it is: no source says the same)",
    ],
  );
});

test("what is not in this version is left out and told of, and the rest is imported", async () => {
  const { text, report } = await imported(`namers:
- {kind: io.l5d.rancher}
- {kind: io.l5d.fs, rootDir: disco}
storage: {kind: io.l5d.inMemory}
routers:
- protocol: thrift
  servers: [{port: 4141}]
- protocol: http
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 4140}]
`);
  assert.deepEqual(
    report.filter((line) => line.includes("refused")).map((line) => line.split(" > ")[0]),
    ["2 refused namers[0]", "4 refused storage", "6 refused routers[0]"],
  );
  assert.doesNotMatch(text, /rancher|thrift|storage/);
  assert.match(text, /"\*": io\.l5d\.fs\/\*/);
});

test("a key that has another place now is a mistake, and nothing to leave out", async () => {
  await assert.rejects(imported(router("/svc => /#/io.l5d.fs ;", "  timeoutMs: 5\n")), /`timeoutMs` is now/);
});

test("an address for all hosts is an address for all hosts", async () => {
  const { text } = await imported(router("/svc => /$/inet/10.0.0.1/80 ;\n/svc/users => /#/io.l5d.fs/users ;"));
  assert.match(text, /^ {2}users: \[io\.l5d\.fs\/users, 10\.0\.0\.1:80\]\n {2}"\*": 10\.0\.0\.1:80$/m);
});

test("a file with mistakes is refused with all of them, and one that is short already too", async () => {
  const errorsOf = async (text: string) => {
    const thrown: unknown = await importLinkerd(text, options).catch((error: unknown) => error);
    assert.ok(thrown instanceof ConfigError);
    return thrown.problems.map(({ line, message }) => `${line} ${message}`);
  };
  assert.deepEqual(await errorsOf("storage: {}\nrouters:\n- {protocol: http, servers: [{prot: 4140}]}\n"), [
    "1 `storage` is not in this version",
    "3 unknown key `prot`",
  ]);
  assert.deepEqual(await errorsOf("sources: {}\nroutes: {a: 10.0.0.1:80}\n"), [
    "1 `sources` is of the short form already",
  ]);
  assert.match((await errorsOf("routers: [\n")).join(), /\d/);
});

test("the first router that can be said is, and the others stay beside it under their own labels", async () => {
  const { text, report } = await imported(`${fs}routers:
- protocol: http
  identifier: {kind: io.l5d.path}
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 4140}]
- protocol: http
  label: hosts
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 4141}]
- protocol: http
  label: more
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 4142}]
`);
  assert.match(text, /^ {2}http: 4141\n {2}labels: \{http: hosts\}$/m);
  assert.deepEqual(
    [...text.matchAll(/label: (\w+)/g)].map(([, label]) => label),
    ["more"],
  );
  assert.match(report.at(-1) ?? "", /stays as it is: the short form has one router for each protocol/);
});

test("a router for HTTP/2 that leads and treats names as one for HTTP/1 does is said with it", async () => {
  const pair = (more = ""): string => `${fs}routers:
- protocol: h2
  label: grpc
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 4142, label: for people}]
- protocol: http
  streamingEnabled: true
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 4140}]
${more}`;
  const { text, report } = await imported(pair());
  assert.equal(
    text,
    `sources:
  io.l5d.fs: {files: disco}
listen:
  http: 4140
  h2: 4142
  labels: {h2: grpc}
trust: [0.0.0.0/0, "::/0"]
routes:
  "*": io.l5d.fs/*
balancer: p2c
slowStart: 0s
panic: 0
`,
  );
  assert.deepEqual(report.slice(1), [
    "4 changed routers[0].identifier > routes (hosts are compared without their case and port)",
    "4 changed routers[0].service > routes (answers of gRPC are judged by their gRPC status, not by that of HTTP alone)",
    "4 same routers[0].protocol > listen",
    "5 same routers[0].label > listen",
    "6 same routers[0].dtab > routes",
    "7 same routers[0].servers > listen, trust",
    "8 changed routers[1].identifier > routes (hosts are compared without their case and port)",
    "8 same routers[1].protocol > listen",
    "9 same routers[1].streamingEnabled >  (left out: it says what is meant anyway)",
    "10 same routers[1].dtab > routes",
    "11 same routers[1].servers > listen, trust",
  ]);
  const differing = await imported(pair("  service: {totalTimeoutMs: 5}\n"));
  assert.match(differing.report.at(-1) ?? "", /routers\[1\] > routers .*`timeout`: it is one for HTTP\/1 and HTTP\/2/);
  assert.match(differing.text, /^ {2}h2: 4142$/m);
});

test("what can be said of TLS in two ways is said in the short form's", async () => {
  const { text } = await imported(`${fs}routers:
- protocol: http
  dtab: /svc => /#/io.l5d.fs
  client: {tls: {commonName: a.example, trustCerts: [roots.pem]}}
  servers:
  - port: 4140
    tls:
      requireClientAuth: true
      caCertPath: callers.pem
      certificates: [{certPath: a.pem, keyPath: a.key}, {certPath: b.pem, keyPath: b.key}]
`);
  assert.match(text, /^ {4}cert: a\.pem\n {4}key: a\.key\n {4}certificates: \[\{cert: b\.pem, key: b\.key\}\]$/m);
  assert.match(text, /^ {4}ca: callers\.pem$/m);
  assert.match(text, /^tls:\n {2}name: a\.example\n {2}ca: roots\.pem$/m);
});
