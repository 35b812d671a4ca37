import assert from "node:assert/strict";
import { test } from "node:test";
import { readSlice, sliceObject } from "../../../../namers/kubernetes/announced-slice.ts";
import { markFields, readMarks } from "../../../../namers/kubernetes/slice-marks.ts";
import { Path } from "../../../../src/naming/path.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedVar } from "../../../../src/testing/followed-var.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { kubernetesFixture } from "../../../fakes/kubernetes-fixture.ts";
import type { KubeObject } from "../../../servers/kubernetes-admin.ts";

const origin = { registry: "io.l5d.curator", cluster: "zk:2181/services" };
const owner = { group: "orders to k8s: all", member: "anna" };

const slice = {
  name: "orders-1",
  version: undefined,
  ...owner,
  serviceUid: "u-1",
  shape: { family: "IPv4", ports: [{ name: "http", port: 8080 }], origin },
  entries: [
    { id: "i-1", address: "10.9.0.1", ready: true, zone: "east" },
    { id: "i-2", address: "10.9.0.2", host: "two.example", ready: false },
  ],
} as const;

const place = { namespace: "shop", service: "orders" };

test("a slice is read as it was written, whatever letters its group and origin have", () => {
  assert.deepEqual(readSlice(sliceObject(slice, place)), slice);
});

test("a slice's labels hold no letters that labels may not have", () => {
  const { labels } = markFields({ owner, origin, instances: [] });
  for (const value of Object.values(labels)) assert.match(value, /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
});

test("where somebody changed the list of endpoints nothing says which is whose", () => {
  const written = sliceObject(slice, place);
  const endpoints = [...(written["endpoints"] as readonly object[]), { addresses: ["10.9.0.3"] }];
  const marks = readMarks({ ...written, endpoints });
  assert.deepEqual([marks?.owner, marks?.instances], [owner, [undefined, undefined, undefined]]);
  assert.deepEqual(
    readSlice({ ...written, endpoints })?.entries.map(({ id }) => id),
    ["10.9.0.1", "10.9.0.2", "10.9.0.3"],
  );
});

test("marks that are none leave a slice as it is without", () => {
  const written = sliceObject(slice, place);
  const metadata = written["metadata"] as object;
  for (const annotations of [undefined, {}, { "linkspan.io/writer": "linkspan:a" }, { "linkspan.io/writer": 7 }]) {
    assert.equal(readMarks({ ...written, metadata: { ...metadata, annotations } }), undefined);
  }
});

test("an instance that was announced keeps its id and its origin, and that it is not ready is a sign", async () => {
  const guard = { holdMs: 60_000, nameShare: 0.5, sourceShare: 0.2 };
  const given = { guard, clock: new CountingClock(), log: new RecordingLog(), down: false };
  await using fixture = await kubernetesFixture(given, { namespace: "shop" });
  fixture.server.put(sliceObject(slice, place) as unknown as KubeObject);
  using instances = new FollowedVar(fixture.namer.instances(Path.of("http", "orders")));
  const found = await eventually("read", () => instances.value);
  assert.deepEqual(found, [
    { id: "i-1", host: "10.9.0.1", port: 8080, weight: 1, ready: true, origin, zone: "east" },
    { id: "i-2", host: "10.9.0.2", port: 8080, weight: 1, ready: false, origin },
  ]);
  const none = { ...slice, entries: slice.entries.map((each) => ({ ...each, ready: false })) };
  fixture.server.put(sliceObject(none, place) as unknown as KubeObject);
  await eventually("withdrawn at once", () => instances.value?.every(({ ready }) => !ready));
  assert.equal(instances.isHeld, false);
});

test("instances of the same id that two groups announce are two", async () => {
  const given = {
    guard: { holdMs: 0, nameShare: 1, sourceShare: 1 },
    clock: new CountingClock(),
    log: new RecordingLog(),
  };
  await using fixture = await kubernetesFixture({ ...given, down: false }, { namespace: "shop" });
  const other = {
    ...slice,
    name: "orders-2",
    group: "other",
    entries: [{ id: "i-1", address: "10.9.9.9", ready: true }],
  };
  for (const each of [slice, other]) fixture.server.put(sliceObject(each, place) as unknown as KubeObject);
  using instances = new FollowedVar(fixture.namer.instances(Path.of("http", "orders")));
  await eventually("all", () => instances.value?.length === 3);
});
