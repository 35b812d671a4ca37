import assert from "node:assert/strict";
import { test } from "node:test";
import { errorsOf, read } from "./read.ts";

const sources = `sources:
  zk: {zookeeper: "zk1:2181,zk2/chroot", path: /services}
  files: {files: ./disco}
`;

async function dtabOf(routes: string): Promise<string> {
  const config = await read(`${sources}routes:\n${routes}`);
  return config.routers[0]?.dtab.show ?? "";
}

test("a target, a list and weights become a dentry each", async () => {
  assert.equal(await dtabOf("  users: zk/users\n"), "/svc/users=>/#/zk/users");
  assert.equal(await dtabOf("  Users: zk/Users\n"), "/svc/users=>/#/zk/Users");
  assert.equal(await dtabOf("  a: [files/a, zk/b]\n"), "/svc/a=>/#/files/a | /#/zk/b");
  assert.equal(await dtabOf("  a: {files/a: 10, zk/a: 90}\n"), "/svc/a=>10.00*/#/files/a & 90.00*/#/zk/a");
  assert.equal(await dtabOf("  a: 10.0.0.1:80\n"), "/svc/a=>/$/inet/10.0.0.1/80");
  assert.equal(await dtabOf("  a: '[::1]:80'\n"), "/svc/a=>/$/inet/::1/80");
  assert.equal(await dtabOf('  "*": zk/*\n'), "/svc=>/#/zk");
  assert.equal(await dtabOf('  "*": zk/all\n'), "/svc/*=>/#/zk/all");
});

test("a host with a route of its own does not fall back to the rest", async () => {
  assert.equal(
    await dtabOf('  users: files/users\n  same: zk/same\n  "*": zk/*\n'),
    "/svc=>/#/zk;/svc/users=>/#/files/users | !;/svc/same=>/#/zk/same",
  );
});

test("serversets are looked up below their path", async () => {
  const config = await read(
    "sources: {old: {zookeeper: zk3, format: serversets, path: /d/prod}}\nroutes: {a: old/a}\n",
  );
  assert.equal(config.routers[0]?.dtab.show, "/svc/a=>/#/old/d/prod/a");
});

test("serversets below a chroot are looked up below it, and below `discovery` where no path is said", async () => {
  const config = await read(
    'sources: {old: {zookeeper: "zk1,zk2/root/x", format: serversets}}\nroutes: {a: "old/web:http"}\n',
  );
  assert.equal(config.routers[0]?.dtab.show, "/svc/a=>/#/old/root/x/discovery/web:http");
});

test("a server of ZooKeeper may be an IPv6 address in brackets", async () => {
  const config = await read('sources: {zk: {zookeeper: "[::1]:2182,[fd00::2]"}}\nroutes: {a: zk/a}\n');
  const [namer] = config.namers;
  assert.ok(namer);
  assert.deepEqual((namer.config as { readonly zkAddrs?: unknown }).zkAddrs, [
    { host: "::1", port: 2182 },
    { host: "fd00::2", port: 2181 },
  ]);
});

test("each dentry stands at its route", async () => {
  const config = await read(`${sources}routes:\n  a: zk/a\n  b: zk/b\n  "*": zk/*\n`);
  assert.deepEqual(
    config.routers[0]?.dtabPlaces.all.map(({ line, column }) => [line, column]),
    [
      [7, 3],
      [5, 3],
      [6, 3],
    ],
  );
});

test("what a host's own list ends with is left to the rest, where that would say the same", async () => {
  assert.equal(
    await dtabOf('  users: [files/users, zk/users]\n  a: [files/a, zk/b]\n  "*": zk/*\n'),
    "/svc=>/#/zk;/svc/users=>/#/files/users;/svc/a=>/#/files/a | /#/zk/b | !",
  );
  assert.equal(
    await dtabOf('  users: [files/u, {zk/users: 1, files/users: 2}, zk/all]\n  "*": [{zk/*: 1, files/*: 2}, zk/all]\n'),
    "/svc=>/#/zk & 2.00*/#/files | /#/zk/all;" +
      "/svc/users=>/#/files/u | /#/zk/users & 2.00*/#/files/users | /#/zk/all | !",
  );
  assert.equal(await dtabOf('  a: [files/a, zk/all]\n  "*": zk/all\n'), "/svc/*=>/#/zk/all;/svc/a=>/#/files/a");
});

test("an address for the rest is asked as a dtab would ask it, with the caller's name behind it", async () => {
  assert.equal(await dtabOf('  "*": 10.0.0.1:80\n'), "/svc=>/$/inet/10.0.0.1/80");
  assert.equal(
    await dtabOf('  a: [zk/a, 10.0.0.1:80]\n  "*": 10.0.0.1:80\n'),
    "/svc=>/$/inet/10.0.0.1/80;/svc/a=>/#/zk/a",
  );
});

test("what no request can have as its host is refused, and what can be is not", async () => {
  for (const host of ["a:80", "a/b", "a b", "*.example", "::1", ""]) {
    const told = (await errorsOf(`${sources}routes: {${JSON.stringify(host)}: zk/a}\n`)).map(({ message }) => message);
    assert.deepEqual(told, [`\`${host}\` is not a host`]);
  }
  assert.equal(await dtabOf('  "[::1]": zk/a\n'), "/svc/\\x5b\\x3a\\x3a\\x31\\x5d=>/#/zk/a");
  assert.equal(await dtabOf("  a_b.Example-1: zk/a\n"), "/svc/a_b.example-1=>/#/zk/a");
});

test("a target that names nothing is told beside settings that are wrong", async () => {
  const told = await errorsOf(`${sources}routes: {a: {to: [zk/a, kz/b], timeot: 2s}}\n`);
  assert.deepEqual(
    told.map(({ column, message }) => `${column} ${message}`),
    ["25 there is no source `kz`", "32 unknown key `timeot`"],
  );
});

test("a list may have weights in it", async () => {
  assert.equal(
    await dtabOf("  a: [{files/a: 10, zk/a: 90}, zk/b]\n"),
    "/svc/a=>10.00*/#/files/a & 90.00*/#/zk/a | /#/zk/b",
  );
});

test("what two routes say of one cluster must be the same", async () => {
  const routes = (second: string): string =>
    `${sources}routes:\n  a: {to: zk/users, attemptTimeout: 1s, tls: {name: a}}\n  b: ${second}\n`;
  assert.deepEqual(await errorsOf(routes("{to: zk/users, attemptTimeout: 1s, tls: {name: a}, timeout: 2s}")), []);
  const told = async (second: string) =>
    (await errorsOf(routes(second))).map(({ line, column, message }) => `${line}:${column} ${message}`);
  const says = (key: string): string =>
    `\`${key}\` is one for all requests to /#/zk/users, and another route to it says otherwise`;
  assert.deepEqual(await told("zk/users"), [`5:21 ${says("attemptTimeout")}`]);
  assert.deepEqual(await told("{to: [files/a, zk/users], attemptTimeout: 1s, tls: {name: b}}"), [
    `6:52 ${says("tls")}`,
  ]);
});
