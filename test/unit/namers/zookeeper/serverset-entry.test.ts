import assert from "node:assert/strict";
import { test } from "node:test";
import { EntryRefused } from "../../../../namers/zookeeper/kept-entry.ts";
import { NO_ORIGIN } from "../../../../namers/zookeeper/marked-instance.ts";
import { serversetEntries } from "../../../../namers/zookeeper/serverset-entry.ts";
import type { EntryMark, Instance } from "../../../../src/plugin.ts";

const owner = { group: "users-to-legacy", member: "m-1" };
const mark: EntryMark = { owner, origin: { registry: "io.l5d.k8s", cluster: "shop" }, id: "pod-1" };
const pod: Instance = { id: "pod-1", host: "10.0.0.1", port: 8080, weight: 1, ready: true, origin: mark.origin };
const around = { place: "/discovery/users", siblings: [], registeredAt: 17 };
const written = (instance: Partial<Instance>, of = mark, shard = 0): string =>
  serversetEntries(shard).write({ ...pod, ...instance }, of, around);

test("a server that announces itself has the bytes that Linkerd 1 wrote", () => {
  assert.equal(
    written({}, { owner, origin: NO_ORIGIN, id: "s" }),
    '{"serviceEndpoint":{"host":"10.0.0.1","port":8080},"additionalEndpoints":{},"status":"ALIVE","shard":0}',
  );
});

test("what was made of an instance elsewhere says so in its metadata, and is read back so", () => {
  const text = written({ zone: "b" }, mark, 3);
  assert.ok(
    text.endsWith('"shard":3,"metadata":{"zone":"b","linkspan":"linkspan:users-to-legacy:m-1:io.l5d.k8s:shop:pod-1"}}'),
  );
  const read = serversetEntries(3).read(Buffer.from(text), "member_0000000007");
  assert.deepEqual(read.mark, mark);
  const { id, origin, zone, meta } = read.instance;
  assert.deepEqual([id, origin, zone], ["pod-1", mark.origin, "b"]);
  assert.deepEqual(meta, { zone: "b", shard: "3", node: "member_0000000007", status: "ALIVE" });
});

test("the status follows the readiness, in the source's own word where it has one", () => {
  const status = (instance: Partial<Instance>): unknown =>
    (JSON.parse(written(instance)) as { readonly status: unknown }).status;
  assert.equal(status({}), "ALIVE");
  assert.equal(status({ ready: false }), "DEAD");
  assert.equal(status({ ready: false, meta: { status: "STOPPING" } }), "STOPPING");
  assert.equal(status({ ready: false, meta: { status: "ALIVE" } }), "DEAD");
});

test("an instance that has only a TLS port is called there, and one without any is refused", () => {
  const { port: _, ...portless } = pod;
  const entries = serversetEntries(0);
  assert.ok(entries.write({ ...portless, tlsPort: 8443 }, mark, around).includes('"port":8443'));
  assert.throws(() => entries.write(portless, mark, around), EntryRefused);
  assert.throws(() => written({ host: "" }), EntryRefused);
});

test("what an instance says of itself is carried, but for what a reader finds out by itself", () => {
  const meta = { version: "7", shard: "4", node: "member_0000000001", status: "ALIVE", zone: "c", linkspan: "x" };
  const text = written({ zone: "b", meta });
  const { metadata } = JSON.parse(text) as { readonly metadata: Readonly<Record<string, string>> };
  assert.deepEqual(Object.keys(metadata), ["version", "zone", "linkspan"]);
  assert.equal(metadata["zone"], "b");
  assert.equal(serversetEntries(0).read(Buffer.from(text), "member_0000000007").instance.meta?.["version"], "7");
});

test("so much is carried that readers of thousands of members bear it, and always the same", () => {
  const meta = { b: "x".repeat(3_000), a: "y".repeat(3_000), c: "z" };
  const { metadata } = JSON.parse(written({ meta })) as { readonly metadata: object };
  assert.deepEqual(Object.keys(metadata), ["a", "c", "linkspan"]);
});

test("a TLS port beside the plain one is the additional endpoint `https`, and is read back", () => {
  const text = written({ tlsPort: 8443 });
  assert.ok(text.includes('"additionalEndpoints":{"https":{"host":"10.0.0.1","port":8443}}'));
  const { port, tlsPort } = serversetEntries(0).read(Buffer.from(text), "member_0000000007").instance;
  assert.deepEqual([port, tlsPort], [8080, 8443]);
});
