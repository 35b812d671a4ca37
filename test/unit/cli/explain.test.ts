import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { failed, ok, pending, Var, type State } from "../../../src/base/var.ts";
import type { NamingRoot, Roots } from "../../../src/cli/roots.ts";
import { DtabInterpreter } from "../../../src/naming/interpreter.ts";
import { leaf, neg, type NameTree } from "../../../src/naming/name-tree.ts";
import type { Name, Namer } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { cli } from "./fake-terminal.ts";

const file = `namers:
- {kind: io.l5d.fs, rootDir: ./x}
routers:
- protocol: http
  dtab: |
    /svc => /#/io.l5d.fs ;
    /svc/two => /#/io.l5d.fs/users ;
  servers: [{port: 4140}]
`;

const addresses = (...ports: number[]) => AddressSet.of(ports.map((port) => ({ host: "10.0.0.1", port, weight: 1 })));

/** Knows `users`, with nobody behind `empty`; `down` cannot be asked and `slow` never answers. */
const namer: Namer = {
  lookup(path) {
    const [name = ""] = path.elems;
    const states: Readonly<Record<string, State<NameTree<Name>>>> = {
      users: ok(leaf(bound(name, 80, 81))),
      empty: ok(leaf(bound(name))),
      down: failed(new Error("the registry is down")),
      slow: pending,
    };
    const state = states[name] ?? ok(neg);
    return Var.source((set) => {
      set(state);
      return { [Symbol.dispose]: () => undefined };
    });
  },
  async [Symbol.asyncDispose]() {
    // Nothing was opened.
  },
};

function bound(name: string, ...ports: number[]): Name {
  return { kind: "bound", id: Path.of(name), addresses: Var.of(addresses(...ports)), residual: Path.empty };
}

let closed = 0;
const openNaming = (): Promise<NamingRoot> =>
  Promise.resolve({
    interpreterFor: ({ dtab }) =>
      new DtabInterpreter({
        dtab: Var.of(dtab),
        namers: [{ prefix: Path.of("io.l5d.fs"), namer }],
        systemNamers: new Map(),
      }),
    async [Symbol.asyncDispose]() {
      closed++;
    },
  });

const explain = (...argv: string[]) => cli(["explain", "-", ...argv], { openNaming }, { input: file });

test("explain shows rules with their lines and the addresses, and exits 0", async () => {
  const { code, out } = await explain("/svc/users");
  assert.equal(code, 0);
  assert.match(out, /\/svc=>\/#\/io\.l5d\.fs at -:6/);
  assert.match(out, /10\.0\.0\.1:80/);
  assert.match(out, /It binds to 2 addresses\./);
});

test("explain of a file that says where shifts lie tells that their weights are not applied, and who knows them", async () => {
  const says =
    /^linkspan: weights of shifts that run.* not applied here: linkspan explain --admin URL NAME asks the daemon\n$/;
  for (const keys of ["control: {override: ./shifts.yaml}", "snapshot: {path: /var/lib/linkspan/snapshot}"]) {
    const { code, out, err } = await cli(["explain", "-", "/svc/users"], { openNaming }, { input: `${file}${keys}\n` });
    assert.equal(code, 0);
    assert.match(err, says);
    assert.match(out, /It binds to 2 addresses\./);
  }
  assert.equal((await explain("/svc/users")).err, "");
});

test("explain takes a host for a name", async () => {
  assert.equal((await explain("Users")).code, 0);
});

test("explain lays a local dtab over the router's", async () => {
  const { code, out } = await explain("/svc/other", "-d", "/svc/other => /svc/two");
  assert.equal(code, 0);
  assert.match(out, /at --dtab/);
  assert.match(out, /at -:7/);
});

test("a name that binds to nothing exits 1", async () => {
  const { code, out } = await explain("/svc/nobody");
  assert.equal(code, 1);
  assert.match(out, /It binds to nothing\./);
});

test("a name with nobody behind it exits 1", async () => {
  assert.equal((await explain("/svc/empty")).code, 1);
});

test("a registry that cannot be asked exits 3", async () => {
  const { code, out } = await explain("/svc/down", "--timeout", "50ms");
  assert.equal(code, 3);
  assert.match(out, /the registry is down/);
});

test("a registry that does not answer in time exits 3", async () => {
  const { code, out } = await explain("/svc/slow", "--timeout", "50ms");
  assert.equal(code, 3);
  assert.match(out, /did not answer in time/);
});

test("explain --json has the verdict, the steps and the places", async () => {
  const { out } = await explain("/svc/users", "--json");
  const { verdict, root } = JSON.parse(out) as { verdict: string; root: { kind: string } };
  assert.deepEqual([verdict, typeof root.kind], ["bound", "string"]);
  assert.match(out, /"place": "-:6"/);
});

test("a bad name, dtab, timeout or label is a usage error", async () => {
  for (const argv of [["/a,b"], ["/a", "-d", "x"], ["/a", "--timeout", "soon"], ["/a", "--router", "htpt"]]) {
    assert.equal((await explain(...argv)).code, 2, argv.join(" "));
  }
});

test("what explain opens it closes", async () => {
  const before = closed;
  await explain("/svc/users");
  assert.equal(closed, before + 1);
});

test("a request is named by the router's identifiers, and explained with the dtab that it brings", async () => {
  const asked: unknown[] = [];
  const identify: Roots["identify"] = (_config, router, request) => {
    asked.push(router.label, request);
    return Promise.resolve({
      kind: "named",
      path: "/svc/other",
      local: "/svc/other=>/svc/two",
      identifier: "io.l5d.header.token",
    });
  };
  const argv = ["explain", "-", "--request", "GET http://other/x", "-H", "a: b", "-H", "c: d"];
  const { code, out } = await cli(argv, { openNaming, identify }, { input: file });
  assert.equal(code, 0);
  assert.match(out, /^io\.l5d\.header\.token takes the request for \/svc\/other, with the dtab/);
  assert.match(out, /at --dtab/);
  const headers = [
    ["a", "b"],
    ["c", "d"],
  ];
  assert.deepEqual(asked, ["http", { method: "GET", target: "http://other/x", headers }]);
});

test("a request that no router takes, or that is none, is a usage error", async () => {
  for (const argv of [
    ["--request", "GET http://x/"],
    ["--request", "GET"],
    ["--request", "GET /", "-H", "x"],
  ]) {
    assert.equal((await explain(...argv)).code, 2, argv.join(" "));
  }
});

test("what does not belong together is a usage error that says what to type", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["explain"], /NAME is missing/],
    [["explain", "/svc/users"], /linkspan explain --admin URL \/svc\/users/],
    [["explain", "f.yaml", "/a", "/b"], /\/b is one too many/],
    [["explain", "f.yaml", "/a", "--request", "GET /"], /\/a is one too many/],
    [["explain", "f.yaml", "/a", "-H", "a: b"], /--header is about a request/],
    [["explain", "f.yaml", "/a", "--with", "g.yaml"], /--with is about a running router/],
  ];
  for (const [argv, expected] of cases) {
    const { code, err } = await cli(argv);
    assert.equal(code, 2, argv.join(" "));
    assert.match(err, expected);
  }
});
