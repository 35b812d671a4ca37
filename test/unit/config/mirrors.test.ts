import assert from "node:assert/strict";
import { test } from "node:test";
import { Path } from "../../../src/naming/path.ts";
import { showSource } from "../../../src/config/mirror-schema.ts";
import { errorsOf, read } from "./read.ts";

const namers = `namers:
- {kind: io.l5d.k8s, kubeconfig: kube.yaml}
- {kind: io.l5d.curator, basePath: /services, zkAddrs: [{host: zk1}]}
- {kind: io.l5d.curator, prefix: /other, zkAddrs: [{host: zk2, port: 2182}]}
`;

const specified = `${namers}mirrors:
- name: users-to-legacy
  from: /#/io.l5d.k8s/shop/http/users
  to: {kind: io.l5d.curator, path: /services/users}
  address: pod
  publish: 1/4
  payload: sibling
- name: orders-to-k8s
  from: /#/io.l5d.curator/orders
  to: {kind: io.l5d.k8s, namespace: shop, service: orders, ports: [{name: http, port: 80}]}
`;

const one = (lines: string, to = "{kind: io.l5d.curator}"): string =>
  `${namers}mirrors:\n- name: m\n  from: /#/io.l5d.k8s/shop/http/users\n  to: ${to}\n${lines}`;

const said = async (text: string): Promise<readonly string[]> =>
  (await errorsOf(text)).map(({ line, column, message, nearest }) =>
    [`${line}:${column} ${message}`, ...(nearest === undefined ? [] : [nearest])].join(" -> "),
  );

test("mirrors alone are a configuration, and targets take their connection from the namer of their kind", async () => {
  const { mirrors, routers } = await read(specified);
  assert.equal(routers.length, 0);
  const [legacy, kube] = mirrors;
  assert.deepEqual(legacy?.to.config, { zkAddrs: [{ host: "zk1", port: 2181 }], path: "/services/users" });
  assert.deepEqual(
    [legacy.name, legacy.from.show, legacy.address, legacy.publish, legacy.payload, legacy.cycles, legacy.minAge],
    ["users-to-legacy", "/#/io.l5d.k8s/shop/http/users", "pod", { take: 1, of: 4 }, "sibling", 3, 2_000],
  );
  assert.deepEqual(kube?.to.config, {
    kubeconfig: "kube.yaml",
    inCluster: false,
    namespace: "shop",
    service: "orders",
    ports: [{ name: "http", port: 80 }],
  });
});

test("a target takes the connection of the namer that it names, and none of it where it says something itself", async () => {
  const named = await read(one("", "{kind: io.l5d.serversets, namer: /other}"));
  assert.deepEqual(named.mirrors[0]?.to.config, { zkAddrs: [{ host: "zk2", port: 2182 }], path: "/discovery" });
  assert.ok(named.mirrors[0].to.namer?.equals(Path.read("/other")));
  const own = await read(one("", "{kind: io.l5d.curator, zkAddrs: [{host: zk3}]}"));
  assert.deepEqual(own.mirrors[0]?.to.config, { zkAddrs: [{ host: "zk3", port: 2181 }], path: "/" });
  assert.deepEqual(await said(one("", "{kind: io.l5d.curator, namer: /othr}")), [
    "8:7 `zkAddrs` is missing",
    "8:37 no namer has the prefix /othr -> /other",
  ]);
});

test("a mistake in what was taken is told of once, where it is written", async () => {
  const text = specified.replace("kubeconfig: kube.yaml", "kubeconfig: [1]");
  assert.deepEqual(await said(text), ["2:34 `kubeconfig` is a list"]);
});

test("a source that no namer serves, two of one name and a gateway that is no router are mistakes", async () => {
  const text = (lines: string): string => `${namers}mirrors:\n${lines}`;
  assert.deepEqual(await said(text("- {name: m, from: /#/io.l5d.k8/shop/http/users, to: {kind: io.l5d.curator}}\n")), [
    "6:19 no namer serves /#/io.l5d.k8/shop/http/users -> /#/io.l5d.k8s/shop/http/users",
  ]);
  const twice = "- {name: m, from: /#/other/a, to: {kind: io.l5d.k8s}}\n".repeat(2);
  assert.deepEqual(await said(text(twice)), ["7:10 two mirrors have the name `m`; the first is mirror 1"]);
  assert.deepEqual(
    await said(
      one("  address: gateway\n  gateway: web\nrouters:\n- {protocol: http, servers: [{port: 0}], label: webb}\n"),
    ),
    ["10:12 there is no router `web` -> webb"],
  );
  assert.deepEqual(await said(one("  gateway: web\n")), ["9:3 `gateway` is for `address: gateway`"]);
  assert.deepEqual(await said(text("- {name: m, from: /#/other, to: {kind: io.l5d.k8s}}\n")), [
    "6:19 /#/other names no service",
  ]);
});

test("a namer that cannot list what a mirror publishes is a mistake where the mirror names it", async () => {
  const text = (from: string): string =>
    `namers:\n- {kind: linkspan.dns}\n- {kind: com.acme.lists-nothing}\n- {kind: io.l5d.curator, zkAddrs: [{host: zk1}]}\n` +
    `mirrors:\n- {name: m, from: ${from}, to: {kind: io.l5d.curator}}\n`;
  assert.deepEqual(await said(text("/#/linkspan.dns/users:80")), []);
  const open = await errorsOf(text("/#/linkspan.dns/*"));
  assert.deepEqual(
    open.map(({ code, line, column, message, expected }) => [code, line, column, message, expected]),
    [["mirror.unlisted", 6, 19, "linkspan.dns cannot list names, so `*` has no meaning", "a mirror for each name"]],
  );
  assert.deepEqual(await said(text("/#/com.acme.lists-nothing/users")), [
    "6:19 com.acme.lists-nothing cannot list instances, which a mirror publishes",
  ]);
});

test("a prober is a host and a port", async () => {
  const { mirrors } = await read(one("  probe: {through: 'gw.example:3128'}\n"));
  assert.deepEqual(mirrors[0]?.probe, { timeout: 1_000, through: { host: "gw.example", port: 3128 } });
  assert.deepEqual(await said(one("  probe: {through: gw.example}\n")), ['9:20 "gw.example" says no port']);
});

test("parts, names and durations that are none are mistakes at their places", async () => {
  for (const part of ["0/4", "5/4", "0%", "101%", "a", "1/0", "0.00001%"]) {
    assert.equal((await said(one(`  publish: ${part}\n`))).length, 1, part);
  }
  assert.deepEqual((await read(one("  publish: 12.5%\n"))).mirrors[0]?.publish, { take: 125, of: 1000 });
  assert.deepEqual(await said(one("  interval: 1ms\n")), ['9:13 "1ms" is no such duration']);
  assert.deepEqual(await said(one("").replace("name: m", "name: a/b")), ['6:9 "a/b" cannot be the name of a mirror']);
  assert.deepEqual(await said(one("  payloads: none\n")), ["9:3 unknown key `payloads` -> payload"]);
});

const sources = `sources:
  zk: {zookeeper: "zk1,zk2:2182/chroot", path: /services}
  ss: {zookeeper: zk1, format: serversets}
  k8s: {kubernetes: kube.yaml}
  files: {files: disco}
`;
const short = (from: string, to: string): string => `${sources}mirrors:\n- {name: m, from: "${from}", to: ${to}}\n`;

test("in the short form a mirror has the words of targets on both sides", async () => {
  const cases: readonly (readonly [from: string, to: string, path: string, config: object])[] = [
    ["k8s/shop/users:http", "zk/users", "/#/k8s/shop/http/users", { path: "/chroot/services/users" }],
    ["k8s/shop/*:http", "zk/*", "/#/k8s/shop/http/*", { path: "/chroot/services" }],
    ["k8s/shop/users:http", "ss/prod/users", "/#/k8s/shop/http/users", { pathPrefix: "/discovery/prod/users" }],
    [
      "zk/orders",
      "k8s/shop/orders",
      "/#/zk/orders",
      { namespace: "shop", service: "orders", ports: [{ name: "http", port: 80 }] },
    ],
    ["zk/*", '"k8s/shop/*:8080"', "/#/zk/*", { namespace: "shop", ports: [{ name: "http", port: 8080 }] }],
    ["ss/a/b", "{kind: io.l5d.curator, namer: /zk, path: /x}", "/#/ss/discovery/a/b", { path: "/x" }],
    ["/#/files/users", "zk/users", "/#/files/users", { path: "/chroot/services/users" }],
  ];
  for (const [from, to, path, config] of cases) {
    const { mirrors } = await read(short(from, to));
    const [mirror] = mirrors;
    assert.equal(mirror && showSource(mirror.from), path);
    const got = (mirror?.to.config ?? {}) as Record<string, unknown>;
    assert.deepEqual(Object.fromEntries(Object.keys(config).map((key) => [key, got[key]])), config);
    const connected = "zkAddrs" in got ? Array.isArray(got["zkAddrs"]) : got["kubeconfig"] === "kube.yaml";
    assert.ok(connected, `${to} is connected as its source is`);
  }
});

test("in the short form a target that nobody writes to, or that is none, is told of at its place", async () => {
  assert.deepEqual(await said(short("k8s/shop/users", "files/users")), ["7:41 `files` is a source that is only read"]);
  assert.deepEqual(await said(short("k8s/shop/users", "zkk/users")), ["7:41 there is no source `zkk` -> zk/users"]);
  assert.deepEqual(await said(short("kds/shop/users", "zk/users")), [
    "7:19 there is no source `kds` -> k8s/shop/users",
  ]);
  assert.deepEqual(await said(short("zk/users", "k8s/shop/users:http")), [
    "7:35 `k8s/shop/users:http` names no Service that could be made",
  ]);
});
