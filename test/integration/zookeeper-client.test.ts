/** The ZooKeeper client against real servers that are stopped, killed, frozen and wiped, with an independent witness. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test, type TestContext } from "node:test";
import { Secret } from "linkspan/plugin";
import { eventually } from "../../src/testing/eventually.ts";
import { isZkError } from "../../namers/zookeeper/zk-error.ts";
import { openClient } from "../fakes/zookeeper-client.ts";
import { requireServer } from "../servers/require.ts";
import {
  missingForZooKeeper,
  startZooKeeper,
  type ZooKeeperOptions,
  type ZooKeeperServer,
} from "../servers/zookeeper.ts";

/** What of the witness, node-zookeeper-client, is used here; it comes without types. */
interface Witness {
  once(event: "connected", listener: () => void): void;
  connect(): void;
  close(): void;
  create(path: string, data: Buffer, mode: number, done: (error: Error | null, path: string) => void): void;
  getData(path: string, done: (error: Error | null, data: Buffer | undefined) => void): void;
  getChildren(path: string, done: (error: Error | null, children: string[]) => void): void;
}
interface WitnessModule {
  createClient(connectString: string): Witness;
  readonly CreateMode: { readonly PERSISTENT: number; readonly EPHEMERAL: number };
}

const nothing = Buffer.alloc(0);

async function withServer(
  t: TestContext,
  options: ZooKeeperOptions,
  body: (server: ZooKeeperServer) => Promise<void>,
): Promise<void> {
  if (!requireServer(t, missingForZooKeeper())) return;
  await using server = await startZooKeeper(options);
  await body(server);
}

/** The result of one of the witness's operations, which end in a callback. */
function ask<T>(operation: (done: (error: Error | null, result: T) => void) => void): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  operation((error, result) => (error ? reject(error) : resolve(result)));
  return promise;
}

test("an independent client reads what this one writes, and the other way round", (t) =>
  withServer(t, {}, async (server) => {
    const { createClient, CreateMode } = createRequire(import.meta.url)("node-zookeeper-client") as WitnessModule;
    const witness = createClient(server.connectString);
    const { promise, resolve } = Promise.withResolvers<void>();
    witness.once("connected", resolve);
    witness.connect();
    await promise;
    await using opened = openClient(server.connectString);
    const { client } = opened;
    try {
      const text = "ä, and zero: \u0000";
      await client.create("/ours", Buffer.from(text));
      await client.create("/ours/dé", nothing, "ephemeral");
      assert.equal((await ask<Buffer | undefined>((done) => witness.getData("/ours", done)))?.toString(), text);
      assert.deepEqual(await ask<string[]>((done) => witness.getChildren("/ours", done)), ["dé"]);
      const events: string[] = [];
      using watcher = client.watcher((event) => void events.push(`${event.type} ${event.path}`));
      await client.addWatch("/", "recursive", watcher);
      await ask<string>((done) => witness.create("/theirs", Buffer.from(text), CreateMode.PERSISTENT, done));
      await ask<string>((done) => witness.create("/theirs/brief", nothing, CreateMode.EPHEMERAL, done));
      assert.equal((await client.getData("/theirs")).data.toString(), text);
      assert.notEqual((await client.exists("/theirs/brief"))?.ephemeralOwner, 0n);
      await eventually("both are told", () => events.length === 2);
    } finally {
      witness.close();
    }
    await eventually("the witness's ephemeral node is gone", async () => !(await client.exists("/theirs/brief")));
  }));

test("a frozen server is noticed within two thirds of the session timeout, and the session goes on after the thaw", (t) =>
  withServer(t, {}, async (server) => {
    await using opened = openClient(server.connectString, { sessionTimeoutMs: 3_000 });
    const before = await opened.connected();
    assert.equal(before.timeoutMs, 3_000);
    await opened.client.create("/mine", nothing, "ephemeral");
    const begun = performance.now();
    server.freeze();
    await opened.reach("suspended");
    assert.ok(performance.now() - begun < 2_100);
    server.thaw();
    assert.equal((await opened.connected()).sessionId, before.sessionId);
    assert.ok(await opened.client.exists("/mine"));
  }));

test("a session outlives a server that is killed and started again, with what its watches missed", (t) =>
  withServer(t, {}, async (server) => {
    await using opened = openClient(server.connectString, { sessionTimeoutMs: 10_000 });
    const { client } = opened;
    const before = await opened.connected();
    await client.create("/mine", nothing, "ephemeral");
    await client.create("/watched", nothing);
    const events: string[] = [];
    using watcher = client.watcher((event) => void events.push(`${event.type} ${event.path}`));
    await client.getData("/watched", watcher);
    using persistent = client.watcher((event) => void events.push(`${event.type} ${event.path}`));
    await client.addWatch("/mine", "persistent", persistent);
    await server.restart();
    assert.equal((await opened.connected()).sessionId, before.sessionId);
    await eventually("the persistent watch is renewed", () => events.includes("renewed /mine"));
    assert.ok(await client.exists("/mine"));
    await client.setData("/watched", Buffer.from("x"));
    await eventually("the change is told", () => events.includes("changed /watched"));
  }));

test("a session that expires while the network is gone is told, and a new one serves", (t) =>
  withServer(t, { tickTime: 200 }, async (server) => {
    await using witness = openClient(server.connectString, { sessionTimeoutMs: 4_000 });
    await using opened = openClient(server.connectString, { sessionTimeoutMs: 400 });
    const before = await opened.connected();
    await opened.client.create("/mine", nothing, "ephemeral");
    const events: string[] = [];
    using watcher = opened.client.watcher((event) => void events.push(event.type));
    await opened.client.getData("/mine", watcher);
    // Frozen for longer than the session lives, but for less than the witness's: at the thaw it is expired.
    server.freeze();
    await opened.reach("suspended");
    const end = performance.now() + 1_500;
    await eventually("the session is over", () => performance.now() > end);
    server.thaw();
    await eventually("a new session", () => opened.client.state.tag === "connected" && events.includes("lost"));
    assert.notEqual((await opened.connected()).sessionId, before.sessionId);
    await eventually("the node is gone", async () => (await witness.client.exists("/mine")) === undefined);
    await opened.client.create("/mine", nothing, "ephemeral");
  }));

test("a server whose data was wiped is served with a new session", (t) =>
  withServer(t, {}, async (server) => {
    await using opened = openClient(server.connectString, { sessionTimeoutMs: 10_000 });
    const before = await opened.connected();
    for (let at = 0; at < 5; at++) await opened.client.create(`/n${at}`, nothing);
    await server.wipe();
    await server.start();
    await eventually(
      "a new session",
      () => opened.client.state.tag === "connected" && opened.client.state.renewed,
      10_000,
    );
    assert.notEqual((await opened.connected()).sessionId, before.sessionId);
    assert.deepEqual((await opened.client.getChildren("/")).children, ["zookeeper"]);
  }));

test("20,000 watches are armed again at once after a real server was killed", (t) =>
  withServer(t, {}, async (server) => {
    await using opened = openClient(server.connectString, { sessionTimeoutMs: 10_000 });
    const { client } = opened;
    const paths = Array.from({ length: 20_000 }, (_, at) => `/${"x".repeat(40)}-${String(at).padStart(5, "0")}`);
    const told = new Set<string>();
    using watcher = client.watcher((event) => void told.add(event.path));
    for (let at = 0; at < paths.length; at += 5_000)
      await Promise.all(paths.slice(at, at + 5_000).map((path) => client.exists(path, watcher)));
    await server.restart();
    await opened.connected();
    await client.create(paths[0] as string, nothing);
    await client.create(paths.at(-1) as string, nothing);
    await eventually("the first and the last are told", () => told.size === 2);
  }));

test("quotas, times to live, digest credentials and their failures are as a real server has them", (t) =>
  withServer(t, { config: ["enforceQuota=true"] }, async (server) => {
    const auth = [{ scheme: "digest", value: new Secret("user:secret") }];
    await using owner = openClient(server.connectString, { auth });
    await using other = openClient(server.connectString);
    // Everything for whoever gave these credentials.
    const acl = [{ permissions: 31, scheme: "auth", id: "" }];
    await owner.client.create("/closed", Buffer.from("x"), "persistent", { acl });
    await assert.rejects(other.client.getData("/closed"), (error) => isZkError(error, "NO_AUTH"));
    await server.restart();
    assert.equal((await owner.client.getData("/closed")).data.toString(), "x");
    assert.match(
      await owner.client.create("/ttl-", nothing, "persistent_sequential", { ttlMs: 60_000 }),
      /^\/ttl-\d{10}$/,
    );
    await owner.client.create("/limited", nothing);
    for (const path of ["/zookeeper/quota/limited", "/zookeeper/quota/limited/zookeeper_limits"])
      await owner.client.create(path, Buffer.from("count=1,bytes=-1=;byteHardLimit=-1;countHardLimit=2"));
    await owner.client.create("/zookeeper/quota/limited/zookeeper_stats", Buffer.from("count=1,bytes=0"));
    await owner.client.create("/limited/a", nothing);
    await assert.rejects(owner.client.create("/limited/b", nothing), (error) => isZkError(error, "QUOTA_EXCEEDED"));
    await using refused = openClient(server.connectString, { auth: [{ scheme: "nonsense", value: new Secret("x") }] });
    await refused.reach("auth_failed");
  }));
