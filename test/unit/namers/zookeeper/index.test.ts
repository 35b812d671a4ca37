import assert from "node:assert/strict";
import { test } from "node:test";
import plugins, { curatorNamer, leaderNamer, serversetsNamer } from "../../../../namers/zookeeper/index.ts";
import { SchemaError } from "../../../../src/config/plugin.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";

const { schema } = curatorNamer;

test("each kind on ZooKeeper is there once", () => {
  const kinds = plugins.map((plugin) => `${plugin.family} ${plugin.kind}`);
  assert.equal(new Set(kinds).size, kinds.length);
  for (const kind of ["curator", "serversets", "zkLeader"]) assert.ok(kinds.includes(`namer io.l5d.${kind}`));
});

test("io.l5d.curator needs its servers, and has a default for everything else", () => {
  assert.throws(() => schema.parse({}), SchemaError);
  assert.throws(() => schema.parse({ zkAddrs: [] }), SchemaError);
  assert.deepEqual(schema.parse({ zkAddrs: [{ host: "zk1" }] }), {
    zkAddrs: [{ host: "zk1", port: 2181 }],
    sessionTimeoutMs: 10_000,
    auth: [],
    readOnly: false,
    basePath: "/",
    port: "sslPort",
    tags: [],
    meta: [],
    useDisabled: false,
    bindEmpty: false,
  });
});

test("a base path is absolute and has no slash at its end", () => {
  const parse = (basePath: string) => schema.parse({ zkAddrs: "zk1", basePath }).basePath;
  assert.equal(parse("/"), "/");
  assert.equal(parse("/services"), "/services");
  assert.throws(() => parse("services"), SchemaError);
  assert.throws(() => parse("/services/"), SchemaError);
});

test("the servers are a list or a connect string, and a mistake in it is said at once", async () => {
  const context = testContext();
  for (const zkAddrs of [[{ host: "::1", port: 2182 }], "zk1:2181,[::1]:2182/chroot"]) {
    const namer = await curatorNamer.create(schema.parse({ zkAddrs }), context);
    await namer[Symbol.asyncDispose]();
  }
  await assert.rejects(async () => curatorNamer.create(schema.parse({ zkAddrs: "zk1:port" }), context), /zk1:port/);
});

test("io.l5d.serversets and io.l5d.zkLeader need their servers, and have a default for everything else", async () => {
  for (const plugin of [serversetsNamer, leaderNamer]) {
    assert.throws(() => plugin.schema.parse({}), SchemaError);
    const config = plugin.schema.parse({ zkAddrs: [{ host: "zk1" }] });
    assert.deepEqual(config, {
      zkAddrs: [{ host: "zk1", port: 2181 }],
      sessionTimeoutMs: 10_000,
      auth: [],
      readOnly: plugin === serversetsNamer,
    });
    const namer = await plugin.create(config, testContext());
    await namer[Symbol.asyncDispose]();
  }
});
