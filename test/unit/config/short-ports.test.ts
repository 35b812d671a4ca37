import assert from "node:assert/strict";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { ConfigError } from "../../../src/config/config-error.ts";
import { parseConfig } from "../../../src/config/load.ts";
import type { Config } from "../../../src/config/config.ts";

const sources = "sources:\n  files: {files: ./disco}\n";

function read(text: string): Promise<Config> {
  return parseConfig(text, { file: "linkspan.yaml", baseDir: "/etc/linkspan", builtins });
}

function shown({ routers }: Config) {
  return routers.map(({ protocol, label, identifiers, dtab, servers }) => ({
    protocol,
    label,
    identifiers: identifiers.map(({ kind }) => kind),
    dtab: dtab.show,
    servers: servers.map(({ ip, port }) => `${ip}:${port}`),
  }));
}

/** `line:column message` of each mistake. */
async function errorsOf(text: string): Promise<readonly string[]> {
  const thrown: unknown = await read(sources + text).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ConfigError);
  return thrown.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

test("ports lead by a target, a list, weights, or the name in a TLS hello", async () => {
  const config = await read(`${sources}listen:
  http: 4140
  host: 0.0.0.0
  tcp:
    3306: files/mysql
    5432: [files/pg, 10.0.0.1:5432]
    6379: {to: {files/old: 1, files/new: 9}}
    8443: {sni: true}
routes:
  users: files/users
`);
  assert.deepEqual(shown(config).slice(1), [
    {
      protocol: "tcp",
      label: "tcp",
      identifiers: ["linkspan.port"],
      dtab:
        "/svc/3306=>/#/files/mysql;/svc/5432=>/#/files/pg | /$/inet/10.0.0.1/5432;" +
        "/svc/6379=>/#/files/old & 9.00*/#/files/new",
      servers: ["0.0.0.0:3306", "0.0.0.0:5432", "0.0.0.0:6379"],
    },
    {
      protocol: "tcp",
      label: "sni",
      identifiers: ["linkspan.sni"],
      dtab: "/svc/users=>/#/files/users",
      servers: ["0.0.0.0:8443"],
    },
  ]);
});

test("without routes there is no http router", async () => {
  const config = await read(`${sources}listen: {tcp: {3306: files/mysql}}\n`);
  assert.deepEqual(
    shown(config).map(({ protocol, servers }) => [protocol, servers]),
    [["tcp", ["127.0.0.1:3306"]]],
  );
  assert.deepEqual(await errorsOf("listen: {http: 4140}\n"), ["1:1 `routes` is missing"]);
});

test("every mistake is told at its place", async () => {
  assert.deepEqual(
    await errorsOf(`listen:
  tcp:
    mysql: files/mysql
    70000: files/a
    1: file/a
    2: {sni: false}
    3: {sni: maybe}
    4: {sni: true, to: files/a}
    5: {too: files/a}
    6: [files/a, fils/b]
`),
    [
      "5:5 `mysql` is not a port",
      "6:5 `70000` is not a port",
      "7:8 there is no source `file`",
      "8:14 without `sni` the port needs a target",
      '9:14 `sni` is the text "maybe"',
      "10:20 unknown key `to`",
      '11:14 `too` is the text "files/a"',
      "12:18 there is no source `fils`",
    ],
  );
  assert.deepEqual(await errorsOf("listen: {tcp: {8443: {sni: true}}}\n"), [
    "3:16 `sni` chooses among `routes`, and there are none",
  ]);
  assert.deepEqual(await errorsOf("listen: {http: 3306, tcp: {3306: files/mysql}}\nroutes: {a: files/a}\n"), [
    "3:28 port 3306 is used twice: server 1 of router 1 listens on 127.0.0.1:3306",
  ]);
});
