/** A dtab in Consul's KV store: the rules of its index, and what an agent may answer beyond what the contract asks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AgentConnections } from "../../../../namers/consul/connections.ts";
import { DtabKey, type DtabKeyOptions } from "../../../../namers/consul/dtab-key.ts";
import { TokenSource } from "../../../../namers/consul/token-source.ts";
import { Secret } from "../../../../src/base/secret.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeConsul } from "../../../fakes/consul.ts";

const key = "namerd/dtabs/web";

async function scene(more: Partial<DtabKeyOptions> & { readonly token?: string } = {}) {
  const fake = await FakeConsul.start();
  const { clock, random, http } = testContext();
  const { token, ...rest } = more;
  const source = new DtabKey({
    connections: new AgentConnections(http, { host: "127.0.0.1", port: fake.port }),
    tokens: new TokenSource(token === undefined ? undefined : new Secret(token), undefined, clock),
    key,
    datacenter: undefined,
    consistencyMode: "default",
    clock,
    random,
    retry: { minMs: 20, maxMs: 50 },
    ...rest,
  });
  const said: string[] = [];
  const following = source.follow({
    heard: ({ text }) => void said.push(text ?? "none"),
    failed: ({ message }) => void said.push(message),
  });
  return {
    fake,
    source,
    said,
    hears: (text: string) => eventually(`${text} is heard`, () => said.at(-1) === text),
    async [Symbol.asyncDispose]() {
      following[Symbol.dispose]();
      await source[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

test("a key is asked for by its path, its datacenter and its consistency, and waited for by its index", async () => {
  await using each = await scene({ datacenter: "dc1", consistencyMode: "stale", token: "secret" });
  each.fake.kv.write(key, "/a => /b");
  await each.hears("/a => /b");
  await eventually("it waits", () => each.fake.waiting === 1);
  const [first, second] = each.fake.asked.filter((asked) => !asked.includes("index=10&"));
  assert.equal(first?.split("&index")[0], `/v1/kv/${key}?raw=true&stale=true&dc=dc1`);
  assert.match(each.fake.asked.at(-1) ?? "", /&index=1\d&wait=30000ms$/);
  assert.ok(second);
  assert.deepEqual([...each.fake.tokens], ["secret"]);
});

test("a key that comes, goes and comes back is told each time", async () => {
  await using each = await scene();
  await each.hears("none");
  each.fake.kv.write(key, "/a => /1");
  await each.hears("/a => /1");
  each.fake.kv.write(key, undefined);
  await each.hears("none");
  each.fake.kv.write(key, "/a => /2");
  await each.hears("/a => /2");
});

test("an index that goes backwards is not waited for", async () => {
  await using each = await scene();
  for (let n = 0; n < 5; n++) each.fake.kv.write(key, `/a => /${n}`);
  await each.hears("/a => /4");
  await eventually("it waits", () => each.fake.waiting === 1);
  each.fake.kv.resetIndexes();
  each.fake.kv.write(key, "/a => /restored");
  each.fake.cut();
  await each.hears("/a => /restored");
  each.fake.kv.write(key, "/a => /after");
  await each.hears("/a => /after");
});

test("an agent that gives no index is asked again and again, not as fast as it answers", async () => {
  await using each = await scene();
  each.fake.spoil = () => ({ index: undefined });
  each.fake.kv.write(key, "/a => /1");
  await each.hears("/a => /1");
  const before = each.fake.asked.length;
  each.fake.kv.write(key, "/a => /2");
  await each.hears("/a => /2");
  assert.ok(each.fake.asked.length - before <= 3, `${each.fake.asked.length - before} questions`);
  await quietFor(500);
  assert.ok(each.fake.asked.length - before <= 4);
});

test("a key that may not be read is a failure, and no empty dtab", async () => {
  await using each = await scene({ token: "wrong" });
  each.fake.kv.write(key, "/a => /1");
  each.fake.allowed = new Set(["right"]);
  each.fake.cut();
  await eventually("it is told", () => each.said.at(-1)?.includes("answered 403 (Permission denied)"));
  each.fake.allowed = undefined;
  await each.hears("/a => /1");
});

test("a cluster without a leader is a failure, and heals", async () => {
  await using each = await scene();
  each.fake.kv.write(key, "/a => /1");
  await each.hears("/a => /1");
  each.fake.spoil = () => ({ status: 500, body: "rpc error: No cluster leader" });
  each.fake.cut();
  await eventually("it is told", () => each.said.at(-1)?.includes("No cluster leader"));
  each.fake.spoil = undefined;
  await each.hears("/a => /1");
});

test("the second look is on a connection of its own, and consistent", async () => {
  await using each = await scene();
  each.fake.kv.write(key, "/a => /1");
  await each.hears("/a => /1");
  const connections = each.fake.mostSeen;
  const { signal } = new AbortController();
  assert.equal((await each.source.confirm(signal)).text, "/a => /1");
  assert.equal(each.fake.mostSeen, connections + 1);
  assert.match(each.fake.asked.at(-1) ?? "", /consistent=true$/);
  each.fake.kv.write(key, undefined);
  assert.deepEqual(await each.source.confirm(signal), { text: undefined });
});
