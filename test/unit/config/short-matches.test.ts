import assert from "node:assert/strict";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { settingsFor } from "../../../src/config/config.ts";
import { ConfigError } from "../../../src/config/config-error.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { nameOfMatch } from "../../../src/config/short-matches.ts";
import { Path } from "../../../src/naming/path.ts";

const sources = "sources:\n  zk: {zookeeper: zk1}\n  files: {files: ./disco}\n";

function read(text: string) {
  return parseConfig(sources + text, { file: "linkspan.yaml", baseDir: "/etc/linkspan", builtins });
}

/** `line:column message` of each mistake. */
async function errorsOf(text: string): Promise<readonly string[]> {
  const thrown: unknown = await read(text).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ConfigError);
  return thrown.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

test("a list of routes becomes the identifier that matches, and a dentry each", async () => {
  const { routers } = await read(`routes:
- match: {host: Users, path: /v2/, method: GET, headers: {x-canary: 1.0}}
  to: [files/users-v2, zk/users]
  timeout: 2s
- {match: {host: users}, to: {zk/users: 9, files/users: 1}}
- {name: admin, match: {path: /admin}, to: 127.0.0.1:9000}
- {match: {host: echo}, to: zk/*}
- to: zk/*
`);
  const [router] = routers;
  assert.ok(router);
  const [identifier] = router.identifiers;
  assert.equal(identifier?.kind, "linkspan.match");
  assert.deepEqual(identifier?.config, {
    routes: [
      {
        route: "users-v2-get-x-canary-1.0",
        host: "users",
        path: "/v2/",
        method: "GET",
        headers: { "x-canary": "1.0" },
        addHost: false,
      },
      { route: "users", host: "users", addHost: false },
      { route: "admin", path: "/admin", addHost: false },
      { route: "echo", host: "echo", addHost: false },
      { route: "rest", addHost: true },
    ],
  });
  assert.equal(
    router.dtab.show,
    "/svc/users-v2-get-x-canary-1.0=>/#/files/users-v2 | /#/zk/users;" +
      "/svc/users=>9.00*/#/zk/users & /#/files/users;" +
      "/svc/admin=>/$/inet/127.0.0.1/9000;" +
      "/svc/echo=>/#/zk/echo;" +
      "/svc/rest=>/#/zk",
  );
  const timeout = (name: string) => settingsFor(router.service, Path.read(name)).totalTimeoutMs;
  assert.deepEqual([timeout("/svc/users-v2-get-x-canary-1.0"), timeout("/svc/users")], [2000, undefined]);
});

test("a route that no request comes to is told at its place, beside other mistakes", async () => {
  assert.deepEqual(
    await errorsOf(`routes:
- {match: {host: users}, to: zk/users}
- {match: {host: users, path: /v2/}, to: zk/users-v2}
- {match: {host: a, pth: /v2/}, to: zk/a}
- {match: {host: b}, to: kz/b}
- zk/c
`),
    ["7:21 unknown key `pth`", "8:26 there is no source `kz`", "9:3 this is no route"],
  );
  assert.deepEqual(
    await errorsOf(`routes:
- {match: {host: users}, to: zk/users}
- {match: {host: users, path: /v2/}, to: zk/users-v2}
routers:
- {protocol: htp, servers: [{}]}
`),
    ["6:3 no request comes to this route: route 1 matches all that it would", '8:14 `protocol` is the text "htp"'],
  );
});

test("two routes of one name are told apart by the file", async () => {
  assert.deepEqual(
    await errorsOf("routes:\n- {match: {host: a, path: /b}, to: zk/a}\n- {match: {host: a-b}, to: zk/b}\n"),
    ["6:3 route 1 has the name `a-b` too"],
  );
  assert.deepEqual(await errorsOf("routes:\n- {name: a b, match: {host: a}, to: zk/a}\n"), [
    "5:10 `a b` is no name of a route",
  ]);
});

test("what holds for clusters cannot be said of hosts by their own names", async () => {
  assert.deepEqual(await errorsOf("routes:\n- {match: {path: /v2}, to: zk/*, timeout: 1s, balancer: p2c}\n"), [
    "5:47 `balancer` for hosts by their own names would hold for the others too",
  ]);
});

test("a TLS hello chooses by host, so a list for requests is refused for it", async () => {
  assert.deepEqual(await errorsOf("listen: {tcp: {8443: {sni: true}}}\nroutes:\n- {match: {host: a}, to: zk/a}\n"), [
    "4:16 `sni` chooses among `routes` by host, and these are a list for requests",
  ]);
});

test("the name of a route says what it matches", () => {
  assert.equal(nameOfMatch({}), "rest");
  assert.equal(nameOfMatch({ path: "/" }), "rest");
  assert.equal(
    nameOfMatch({ host: "users.example", path: "/a/b/", method: ["GET", "HEAD"] }),
    "users.example-a-b-get-head",
  );
  assert.equal(nameOfMatch({ headers: { "X-User": "*", "x-b": "1" } }), "x-user-x-b-1");
});
