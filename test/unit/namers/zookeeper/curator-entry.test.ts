import assert from "node:assert/strict";
import { test } from "node:test";
import { curatorEntries } from "../../../../namers/zookeeper/curator-entry.ts";
import { EntryRefused } from "../../../../namers/zookeeper/kept-entry.ts";
import type { EntryMark, Instance } from "../../../../src/plugin.ts";

const mark: EntryMark = {
  owner: { group: "users-to-legacy", member: "m-1" },
  origin: { registry: "io.l5d.k8s", cluster: "shop" },
  id: "pod-1",
};
const pod: Instance = { id: "pod-1", host: "10.0.0.1", port: 8080, weight: 1, ready: true, origin: mark.origin };
const legacy: Instance = { id: "i-1", host: "10.0.0.2", port: 80, weight: 1, ready: true };
const META = { "@class": "demo.Meta", version: "1.2" };
const PARTS = { parts: [{ value: "scheme", variable: true }] };

const written = (instance: Partial<Instance>, siblings: readonly Instance[] = []): string =>
  curatorEntries.write({ ...pod, ...instance }, mark, { place: "/services/users", siblings, registeredAt: 17 });

test("the bytes are those of Curator's own serialiser", () => {
  assert.equal(
    written({ tlsPort: 8443, payload: META, meta: { uriSpec: JSON.stringify(PARTS) } }),
    '{"name":"users","id":"linkspan:users-to-legacy:m-1:io.l5d.k8s:shop:pod-1","address":"10.0.0.1","port":8080,' +
      '"sslPort":8443,"payload":{"@class":"demo.Meta","version":"1.2"},"registrationTimeUTC":17,' +
      '"serviceType":"DYNAMIC","uriSpec":{"parts":[{"value":"scheme","variable":true}]}}',
  );
});

test("what is written is read back, as at home where it came from", () => {
  const { instance, mark: read } = curatorEntries.read(
    Buffer.from(written({ payload: META })),
    curatorEntries.nameOf(mark),
  );
  assert.deepEqual(read, mark);
  assert.deepEqual([instance.id, instance.origin, instance.payload], ["pod-1", mark.origin, META]);
});

test("an entry has a URI template where those beside it have one", () => {
  const siblings = [legacy, { ...legacy, meta: { uriSpec: JSON.stringify(PARTS) } }];
  assert.ok(written({}, siblings).endsWith(`"uriSpec":${JSON.stringify(PARTS)}}`));
  assert.ok(written({}, [legacy]).endsWith('"uriSpec":null}'));
});

test("a payload has to be of a class that those beside it have", () => {
  assert.ok(written({ payload: META }, [{ ...legacy, payload: { ...META, version: "1" } }]).includes("demo.Meta"));
  assert.throws(() => written({ payload: META }, [legacy]), /demo\.Meta/);
  assert.throws(() => written({ payload: META }, [{ ...legacy, payload: { "@class": "other" } }]), EntryRefused);
});

const refused: readonly (readonly [string, Partial<Instance>])[] = [
  ["not ready", { ready: false }],
  ["without an address", { host: "" }],
  ["with a port that is none", { port: 70_000 }],
  ["with a TLS port that is none", { tlsPort: 0.5 }],
  ["with a payload that does not say its class", { payload: { version: "1" } }],
  ["with a list that does not say its class as a payload", { payload: ["a", "b", "c"] }],
  ["with a URI template that is no JSON", { meta: { uriSpec: "{" } }],
  ["with a URI template of another form", { meta: { uriSpec: '{"parts":[{"value":1,"variable":true}]}' } }],
  ["with a URI template that has more in it", { meta: { uriSpec: '{"parts":[],"more":1}' } }],
];
for (const [what, instance] of refused) {
  test(`an instance ${what} is refused, for one entry that cannot be read breaks every reader`, () => {
    assert.throws(() => written(instance), EntryRefused);
  });
}

test("an instance without any port is refused", () => {
  const { port: _, ...portless } = pod;
  const around = { place: "/services/users", siblings: [], registeredAt: 17 };
  assert.throws(() => curatorEntries.write(portless, mark, around), EntryRefused);
});
