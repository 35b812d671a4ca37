import assert from "node:assert/strict";
import { test } from "node:test";
import {
  entryOf,
  entryOwner,
  instanceOf,
  onSession,
  registrationId,
  saysSame,
} from "../../../../namers/consul/announced-entry.ts";
import { readHealth, type Registered } from "../../../../namers/consul/registered.ts";
import type { Instance, Owner } from "../../../../src/plugin.ts";

const OWNER: Owner = { group: "users mirror", member: "host-1:77" };
const INSTANCE: Instance = {
  id: "shop/users-5f:http",
  host: "10.0.0.1",
  port: 8080,
  tlsPort: 8443,
  weight: 2.5,
  ready: true,
  origin: { registry: "io.l5d.k8s", cluster: "east" },
  zone: "a",
  meta: { version: "7" },
};

const entry = (more: Partial<Instance> = {}) => entryOf({ ...INSTANCE, ...more }, "users", ["t"], OWNER);

/** As the catalogue says it back. */
function readBack({ registration, service }: ReturnType<typeof entry>): Registered {
  const [read] = readHealth(
    JSON.stringify([{ Node: { Node: "n1", Address: "127.0.0.1" }, Service: { ...registration, Service: service } }]),
  );
  assert.ok(read);
  return read;
}

test("an instance is read back as what it was, its fraction of a weight and its port of TLS too", () => {
  assert.deepEqual(instanceOf(readBack(entry())), INSTANCE);
  const { port: _, ...onlyTls } = INSTANCE;
  assert.deepEqual(instanceOf(readBack(entryOf(onlyTls, "users", [], OWNER))), onlyTls);
});

test("two members never have one registration, whatever is in their names", () => {
  assert.equal(registrationId(OWNER, INSTANCE.id), "linkspan:users%20mirror:host-1%3A77:shop%2Fusers-5f%3Ahttp");
  assert.notEqual(
    registrationId({ group: "a", member: "b:c" }, "d"),
    registrationId({ group: "a", member: "b" }, "c:d"),
  );
});

test("an entry says who wrote it, and on which session; what nobody announced says nobody", () => {
  assert.deepEqual(entryOwner(readBack(onSession(entry(), "s1"))), { ...OWNER, session: "s1" });
  const [native] = readHealth(JSON.stringify([{ Service: { ID: "u1", Service: "users", Meta: { zone: "a" } } }]));
  assert.ok(native);
  assert.equal(entryOwner(native), undefined);
  assert.equal(instanceOf(native).origin, undefined);
});

test("a registration says the same until a field of the instance, its tags or its session is another", () => {
  const before = readBack(entry());
  assert.equal(saysSame(before, entry()), true);
  for (const other of [entry({ port: 1 }), entry({ weight: 3 }), entry({ zone: "b" }), entry({ meta: {} })]) {
    assert.equal(saysSame(before, other), false);
  }
  assert.equal(saysSame(before, onSession(entry(), "s1")), false);
  assert.equal(saysSame(before, entryOf(INSTANCE, "users", ["t", "u"], OWNER)), false);
});

test("metadata that Consul would refuse is left out, and an instance that it cannot hold is refused with the reason", () => {
  const meta = { ok: "1", "a.b": "2", long: "x".repeat(513), "linkspan-group": "forged" };
  const { Meta } = entry({ meta }).registration;
  assert.deepEqual(
    [Meta["ok"], Meta["a.b"], Meta["long"], Meta["linkspan-group"]],
    ["1", undefined, undefined, OWNER.group],
  );
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, "v"]));
  assert.ok(Object.keys(entry({ meta: many }).registration.Meta).length <= 63);
  const { port: _, tlsPort: __, ...portless } = INSTANCE;
  assert.throws(() => entryOf(portless, "users", [], OWNER), /no port/);
  assert.throws(() => entry({ weight: 0 }), /weight of 0/);
  assert.throws(() => entry({ id: "x".repeat(600) }), /linkspan-id/);
});
