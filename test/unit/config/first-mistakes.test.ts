/** What newcomers write in their first file: each is told with its place, and with what would be right. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { ConfigError, type ConfigProblem } from "../../../src/config/config-error.ts";
import { parseConfig } from "../../../src/config/load.ts";

async function problemsOf(text: string): Promise<readonly ConfigProblem[]> {
  try {
    return (await parseConfig(text, { file: "first.yaml", baseDir: "/etc/linkspan", builtins })).warnings;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const sources = "sources:\n  new: {files: ./new}\n";

/** The text, and what is said of it: place, severity, message, and what was expected, or meant where that is told. */
const mistakes: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "a port in quotes",
    `${sources}listen: "4140"\nroutes: {users: new/users}\n`,
    [
      '3:9 error `listen` is the text "4140": take the quotes away; a whole number from 0 to 65535, or a mapping with http, h2, tcp, host, tls, labels',
    ],
  ],
  [
    "an address to listen on",
    `${sources}listen: 0.0.0.0:4140\nroutes: {users: new/users}\n`,
    [
      '3:9 error `listen` is the text "0.0.0.0:4140": write `{http: 4140, host: 0.0.0.0}`; a whole number from 0 to 65535, or a mapping with http, h2, tcp, host, tls, labels',
    ],
  ],
  [
    "no space after a colon",
    `${sources}routes:\n  users:new/users\n`,
    ['4:3 error `routes` is the text "users:new/users": there is no space after the `:`; a mapping, or a list'],
  ],
  [
    "an alias",
    `${sources}routes:\n  users: &u new/users\n  orders: *u\n`,
    [
      "4:10 warning the anchor &u is ignored: aliases are not followed; undefined",
      "5:11 error aliases such as *u are not followed; the value itself, written out",
    ],
  ],
  [
    "the singular of each key",
    "source:\n  new: {files: ./new}\nroute:\n  users: new/users\n",
    ["1:1 error unknown key `source`; sources", "3:1 error unknown key `route`; routes"],
  ],
  [
    "a route without a target",
    `${sources}routes:\n  users:\n`,
    ["4:3 error `users` is empty; a target SOURCE/SERVICE or HOST:PORT, a list of them, or a mapping of their weights"],
  ],
  [
    "weights in percent",
    `${sources}routes:\n  users: {new/users: 90%, new/next: 2.5%}\n`,
    [
      '4:22 error `new/users` is the text "90%": write 0.9; a number, 0 or more',
      '4:37 error `new/next` is the text "2.5%": write 0.025; a number, 0 or more',
    ],
  ],
  [
    "a port as a target",
    `${sources}routes:\n  users: 8080\n`,
    [
      "4:10 error `users` is the number 8080; a target SOURCE/SERVICE or HOST:PORT, a list of them, or a mapping of their weights",
    ],
  ],
  [
    "a host without a port",
    `${sources}routes:\n  users: 127.0.0.1\n  orders: db.example.com\n`,
    [
      "4:10 error `127.0.0.1` has no port; new/..., or HOST:PORT",
      "5:11 error `db.example.com` has no port; new/..., or HOST:PORT",
    ],
  ],
  [
    "a fall-back as a dtab writes it",
    `${sources}routes:\n  users: new/users | new/old\n  orders: [new/a; new/b]\n`,
    [
      "4:10 error these are several targets in one text; a list, `[new/users, new/old]`, of which the first that exists is taken",
      "5:12 error these are several targets in one text; a list, `[new/a, new/b]`, of which the first that exists is taken",
    ],
  ],
  [
    "URLs for registries",
    "sources:\n  c: {consul: 'http://127.0.0.1:8500'}\n  z: {zookeeper: 'zk://zk1:2181/services'}\n  k: {kubernetes: true}\nroutes: {a: c/a}\n",
    [
      "2:15 error write `127.0.0.1:8500`, without `http://`; HOST:PORT",
      "3:18 error write `zk1:2181/services`, without `zk://`; hosts as ZooKeeper writes them, such as zk1:2181,zk2:2181/chroot",
      '4:19 error "true" is no kubeconfig file; `in-cluster`, or a kubeconfig file',
    ],
  ],
  [
    "what is no host for a registry",
    "sources:\n  c: {nomad: 'a b'}\n  z: {zookeeper: 'zk1:2181,zk2:x'}\nroutes: {a: c/a}\n",
    [
      '2:14 error "a b" is no host with a port; HOST:PORT',
      '3:18 error "zk2:x" is no host with a port; hosts as ZooKeeper writes them, such as zk1:2181,zk2:2181/chroot',
    ],
  ],
  [
    "variables of the environment",
    'sources:\n  new: {files: "/srv/${DISCO:-x}/new"}\n  zk: {zookeeper: $ZK_HOST}\nroutes: {users: new/users}\n',
    [
      "2:22 warning variables such as ${DISCO:-x} are not expanded; the value itself; `envsubst` writes a file with them expanded",
      "3:19 warning variables such as $ZK_HOST are not expanded; the value itself; `envsubst` writes a file with them expanded",
    ],
  ],
];

for (const [what, text, said] of mistakes) {
  test(`${what}`, async () => {
    const told = (await problemsOf(text)).map(
      ({ line, column, severity, message, nearest, expected }) =>
        `${line}:${column} ${severity} ${message}; ${nearest ?? expected}`,
    );
    assert.deepEqual(told, said);
  });
}

test("a dollar in a dtab, and a space or a comma in the name of a service, are no mistakes", async () => {
  const dtab = "routers:\n- protocol: http\n  dtab: /svc => /$/inet/127.1/80 | $ ;\n  servers: [{port: 4140}]\n";
  assert.deepEqual(await problemsOf(dtab), []);
  assert.deepEqual(await problemsOf(`${sources}routes: {users: "new/my service", all: "new/a,b"}\n`), []);
});
