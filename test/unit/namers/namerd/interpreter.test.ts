/** What a namerd on the other end may do, beyond what the contract of interpreters asks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../../src/base/address.ts";
import { ok } from "../../../../src/base/var.ts";
import { Scope } from "../../../../src/base/scope.ts";
import { builtins } from "../../../../src/builtins.ts";
import { parseConfig } from "../../../../src/config/load.ts";
import { Dtab } from "../../../../src/naming/dtab.ts";
import { leaf, type NameTree, neg, showTree } from "../../../../src/naming/name-tree.ts";
import type { Bound, Name } from "../../../../src/naming/namer.ts";
import { Path } from "../../../../src/naming/path.ts";
import { openNaming } from "../../../../src/naming-root.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedName } from "../../../../src/testing/followed-var.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { tempFolder } from "../../../e2e/temp-folder.ts";
import { FakeNamerd } from "../../../fakes/namerd.ts";
import { Dial, DialNamer, showBound } from "../../../fakes/naming-fixture.ts";

const address = (port: number): AddressSet => AddressSet.of([{ host: "127.0.0.1", port, weight: 1 }]);

/** A namerd whose namer the test speaks for, and one router that asks it. */
interface SceneOptions {
  readonly dst?: string;
  readonly rootDir?: string;
  readonly holdMs?: number;
}

async function scene({ dst, rootDir, holdMs = 30_000 }: SceneOptions = {}) {
  const namer = new DialNamer();
  const addresses = new Dial<AddressSet>();
  const named = (residual = "/"): NameTree<Name> =>
    leaf<Name>({ kind: "bound", id: Path.read("/users"), addresses: addresses.var, residual: Path.read(residual) });
  const fake = await FakeNamerd.start([{ prefix: Path.read("/test"), namer }]);
  fake.put("default", "/svc => /#/test");
  const scope = new Scope();
  const interpreter = {
    kind: "io.l5d.namerd.http",
    dst: dst ?? `/$/inet/127.0.0.1/${fake.port}`,
    retry: { baseSeconds: 1, maxSeconds: 1 },
  };
  const namers = rootDir === undefined ? [] : [{ kind: "io.l5d.fs", rootDir }];
  const file = {
    guard: { hold: `${holdMs}ms` },
    namers,
    routers: [{ protocol: "http", interpreter, servers: [{ port: 0 }] }],
  };
  const config = await parseConfig(JSON.stringify(file), { file: "f", baseDir: "/", builtins });
  const naming = await openNaming(config, testContext(), scope);
  const [router] = config.routers;
  assert.ok(router);
  return {
    fake,
    addresses,
    dial: namer.dial("users"),
    named,
    bind: (name: string, local = "") =>
      new FollowedName(naming.interpreterFor(router).bind(Dtab.read(local), Path.read(name)) as never),
    async [Symbol.asyncDispose]() {
      await scope.close();
      await fake[Symbol.asyncDispose]();
    },
  };
}

const shown = (name: FollowedName): string => {
  const { state } = name.tree;
  return state.tag === "ok" ? showTree(state.value as NameTree<Bound>, showBound) : state.tag;
};

test("addresses of a bound id move without its tree", async () => {
  await using each = await scene();
  each.dial.set(ok(each.named()));
  each.addresses.set(ok(address(1)));
  using name = each.bind("/svc/users");
  await eventually("bound", () => name.keys?.join() === "127.0.0.1:1");
  each.addresses.set(ok(address(2)));
  await eventually("moved", () => name.keys?.join() === "127.0.0.1:2");
  assert.equal(name.tree.states.filter(({ tag }) => tag === "ok").length, 1);
});

test("two names of one id share the stream of its addresses", async () => {
  await using each = await scene();
  each.dial.set(ok(each.named()));
  each.addresses.set(ok(address(1)));
  using one = each.bind("/svc/users");
  using other = each.bind("/svc/users", "/x => /y");
  await eventually("bound", () => one.keys?.join() === "127.0.0.1:1" && other.keys?.join() === "127.0.0.1:1");
  const asked = each.fake.asked.map((line) => line.replace(/\?.*/, ""));
  assert.deepEqual(asked.sort(), ["GET /api/1/addr/default", "GET /api/1/bind/default", "GET /api/1/bind/default"]);
});

test("an error in the place of a document keeps the last tree and addresses, stale, and the stream is opened anew", async () => {
  await using each = await scene();
  each.dial.set(ok(each.named()));
  each.addresses.set(ok(address(1)));
  using name = each.bind("/svc/users");
  await eventually("bound", () => name.keys?.join() === "127.0.0.1:1");
  each.fake.tellError("the storage is on fire");
  await eventually("stale", () => name.isStale);
  assert.equal(shown(name), "/#/test/users@/");
  each.addresses.set(ok(address(2)));
  await eventually("healed", () => name.keys?.join() === "127.0.0.1:2" && !name.isStale);
});

test("a document that cannot be read spoils nothing, and the next one of the stream is taken", async () => {
  await using each = await scene();
  each.dial.set(ok(each.named()));
  each.addresses.set(ok(address(1)));
  using name = each.bind("/svc/users");
  await eventually("bound", () => name.keys?.join() === "127.0.0.1:1");
  const { streams } = each.fake;
  each.fake.tell({ type: "forest" });
  await eventually("stale", () => name.isStale);
  each.addresses.set(ok(address(2)));
  each.dial.set(ok(each.named("/more")));
  await eventually("taken", () => name.keys?.join() === "127.0.0.1:2" && shown(name) === "/#/test/users@/more");
  assert.equal(each.fake.streams, streams);
});

test("streams that end are opened anew, and nothing is stale for it", async () => {
  await using each = await scene();
  each.dial.set(ok(each.named()));
  each.addresses.set(ok(address(1)));
  using name = each.bind("/svc/users");
  await eventually("bound", () => name.keys?.join() === "127.0.0.1:1");
  each.fake.endStreams();
  each.addresses.set(ok(address(2)));
  await eventually("moved", () => name.keys?.join() === "127.0.0.1:2");
  assert.ok(
    ![name.tree, name.addresses].some((each) => each?.states.some((state) => state.tag === "ok" && state.stale)),
  );
});

test("a namerd that cannot be reached is asked at another of its addresses", async () => {
  await using folder = tempFolder({});
  await using each = await scene({ dst: "/#/io.l5d.fs/namerd", rootDir: folder.path });
  folder.write("namerd", `127.0.0.1 1\n127.0.0.1 ${each.fake.port}\n`);
  each.dial.set(ok(each.named()));
  using name = each.bind("/svc/users");
  await eventually("bound", () => shown(name) === "/#/test/users@/");
});

test("names fail while nobody is where namerd should be", async () => {
  await using each = await scene({ dst: "/$/inet/127.0.0.1/1" });
  using name = each.bind("/svc/users");
  await eventually("failed", () => name.tree.state.tag === "failed");
});

test("what is refused is told with namerd's words", async () => {
  await using each = await scene();
  each.fake.refusal = { status: 400, text: "Invalid path: /svc" };
  using name = each.bind("/svc/users");
  const failure = await eventually("failed", () => name.tree.state.tag === "failed" && name.tree.state);
  assert.ok(failure.tag === "failed");
  assert.match(failure.cause.message, /^namerd at 127\.0\.0\.1:\d+ answered 400 \(Invalid path: \/svc\)$/);
});

test("a name that vanishes is looked at on another connection before that is believed", async () => {
  await using each = await scene({ holdMs: 200 });
  each.dial.set(ok(each.named()));
  each.addresses.set(ok(address(1)));
  using name = each.bind("/svc/users");
  await eventually("bound", () => name.keys?.join() === "127.0.0.1:1");
  const before = each.fake.connections;
  each.dial.set(ok(neg));
  await eventually("held", () => name.isHeld);
  assert.equal(shown(name), "/#/test/users@/");
  await eventually("believed", () => shown(name) === "~");
  assert.ok(each.fake.mostConnections > before, "the second look has a connection of its own");
  assert.ok(each.fake.asked.some((asked) => asked.includes("/bind/") && !asked.includes("watch=1")));
});
