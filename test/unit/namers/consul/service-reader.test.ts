import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConsulOptions } from "../../../../namers/consul/options.ts";
import { ServiceReader } from "../../../../namers/consul/service-reader.ts";
import { consulOptions } from "../../../fakes/consul-fixture.ts";

function reader(more: Partial<ConsulOptions> = {}, authority?: string) {
  const options = consulOptions(8500, { useHealthCheck: false, useServiceWeights: false, ...more });
  return { read: readWith(new ServiceReader({ authority, options })) };
}

const readWith = (made: ServiceReader) => (value: unknown) => made.read(JSON.stringify(value));

const entry = (more: object = {}) => ({
  Node: "n1",
  Address: "10.0.0.1",
  ServiceID: "u1",
  ServiceName: "users",
  ServiceTags: [],
  ServiceAddress: "10.1.0.1",
  ServicePort: 8001,
  ...more,
});

const checked = (id: string, checks: readonly object[], more: object = {}) => ({
  Node: { Node: "n1", Address: "10.0.0.1" },
  Service: { ID: id, Service: "users", Address: "", Port: 8001, ...more },
  Checks: checks,
});

const addresses = (reading: ReturnType<ServiceReader["read"]>) =>
  [...(reading.members?.values() ?? [])].map(({ address }) => address);

test("a service's own address goes before its node's, unless it is told otherwise or has none", () => {
  assert.equal(addresses(reader().read([entry()]))[0]?.host, "10.1.0.1");
  assert.equal(addresses(reader({ preferServiceAddress: false }).read([entry()]))[0]?.host, "10.0.0.1");
  assert.equal(addresses(reader().read([entry({ ServiceAddress: "" })]))[0]?.host, "10.0.0.1");
});

test("nothing registered is no such service, and what is withdrawn is one without anybody", () => {
  assert.equal(reader().read([]).members, undefined);
  const reading = reader({ useHealthCheck: true }).read([checked("u1", [{ Status: "critical" }])]);
  assert.equal(reading.members?.size, 0);
  assert.deepEqual([...(reading.signs as Set<string>)], ["n1/u1"]);
  assert.deepEqual(
    reading.withdrawn?.map(({ id, ready }) => [id, ready]),
    [["n1/u1", false]],
  );
});

for (const [checks, health] of [
  [[], "passing"],
  [["passing", "unheard-of"], "passing"],
  [["passing", "warning"], "warning"],
  [["warning", "critical", "passing"], "critical"],
] as const) {
  test(`an instance with the checks ${checks.join(", ") || "none"} is ${health}`, () => {
    const all = checks.map((Status) => ({ Status, CheckID: "c" }));
    for (const wanted of ["passing", "warning", "critical"] as const) {
      const { read } = reader({ useHealthCheck: true, healthStatuses: [wanted] });
      assert.equal(addresses(read([checked("u1", all)])).length, wanted === health ? 1 : 0);
    }
  });
}

test("maintenance is known by the id of its check, and stands above critical", () => {
  const checks = [
    { CheckID: "_node_maintenance", Status: "critical" },
    { CheckID: "c", Status: "critical" },
  ];
  const inMaintenance = reader({ useHealthCheck: true, healthStatuses: ["maintenance"] });
  assert.equal(addresses(inMaintenance.read([checked("u1", checks)])).length, 1);
  const critical = reader({ useHealthCheck: true, healthStatuses: ["critical"] });
  assert.equal(addresses(critical.read([checked("u1", checks)])).length, 0);
});

test("of the weights of tags that fit the greatest counts, and 1 where none does", () => {
  const weights = [
    { tag: "primary", weight: 100 },
    { tag: "production", weight: 20 },
  ];
  const { read } = reader({ weights });
  assert.equal(addresses(read([entry({ ServiceTags: ["production", "primary"] })]))[0]?.weight, 100);
  assert.equal(addresses(read([entry({ ServiceTags: ["other"] })]))[0]?.weight, 1);
});

test("the weights that services are registered with count when it is said, for how an instance is", () => {
  const own = { Weights: { Passing: 5, Warning: 2 } };
  const options = { useHealthCheck: true, useServiceWeights: true, healthStatuses: ["passing", "warning"] } as const;
  assert.equal(addresses(reader(options).read([checked("u1", [], own)]))[0]?.weight, 5);
  assert.equal(addresses(reader(options).read([checked("u1", [{ Status: "warning" }], own)]))[0]?.weight, 2);
  assert.equal(addresses(reader({ useHealthCheck: true }).read([checked("u1", [], own)]))[0]?.weight, 1);
});

test("metadata goes with each address, and with all of them where they agree", () => {
  const all = [
    entry({ ServiceMeta: { version: "1", rack: "a", authority: "evil" }, NodeMeta: { os: "linux" } }),
    entry({ ServiceID: "u2", ServicePort: 8002, ServiceMeta: { version: "1", rack: "b", authority: "evil" } }),
  ];
  const reading = reader({ transferMetadata: true }, "users.service.dc1.consul").read(all);
  assert.deepEqual(reading.meta, { version: "1", authority: "users.service.dc1.consul" });
  assert.equal(addresses(reading)[0]?.meta?.["os"], "linux");
  assert.equal(addresses(reading)[1]?.meta?.["rack"], "b");
  assert.deepEqual(reader({ transferMetadata: true }).read(all).meta, { version: "1" });
  assert.deepEqual(reader().read(all).meta, {});
});

test("the zone comes from the metadata, or from a locality", () => {
  assert.equal(
    addresses(reader().read([entry({ ServiceMeta: { zone: "a" }, NodeMeta: { zone: "b" } })]))[0]?.meta?.["zone"],
    "a",
  );
  assert.equal(addresses(reader().read([entry({ NodeMeta: { zone: "b" } })]))[0]?.meta?.["zone"], "b");
  assert.equal(addresses(reader().read([entry({ ServiceLocality: { Zone: "c" } })]))[0]?.meta?.["zone"], "c");
});

test("what has no address or no port is left out alone, and refused", () => {
  const { read } = reader();
  const reading = read([
    entry(),
    entry({ ServiceID: "bad", ServicePort: 0 }),
    entry({ ServiceID: "ill", Address: "", ServiceAddress: "" }),
  ]);
  assert.deepEqual([...(reading.members?.keys() ?? [])], ["n1/u1"]);
  assert.deepEqual([...(reading.refused?.keys() ?? [])], ["n1/bad", "n1/ill"]);
});

for (const text of ["<html>hello</html>", '{"a": 1}', "[{", "", "7"]) {
  test(`${JSON.stringify(text)} is no answer of Consul's`, () => {
    const made = new ServiceReader({ authority: undefined, options: consulOptions(1) });
    assert.throws(() => made.read(text), /not what Consul answers/);
  });
}

test("an instance that is at home in another registry says so, with the id that it has there", () => {
  const meta = { "linkspan-id": "pod-1", "linkspan-registry": "io.l5d.k8s", "linkspan-cluster": "east" };
  const [member] = [
    ...(reader()
      .read([entry({ ServiceMeta: meta })])
      .members?.values() ?? []),
  ];
  assert.deepEqual(member?.instance.origin, { registry: "io.l5d.k8s", cluster: "east" });
  assert.equal(member?.instance.id, "pod-1");
  const [native] = [...(reader().read([entry()]).members?.values() ?? [])];
  assert.deepEqual([native?.instance.origin, native?.instance.id], [undefined, "n1/u1"]);
});
