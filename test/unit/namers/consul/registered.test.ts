import assert from "node:assert/strict";
import { test } from "node:test";
import { readCatalogue, readHealth, readServices } from "../../../../namers/consul/registered.ts";

const meta = { version: "2", odd: 5 };
const common = { tags: ["v1", 7], weights: { Passing: 3, Warning: -1 } };

const catalogued = {
  Node: "n1",
  Address: " 10.0.0.1 ",
  NodeMeta: { zone: "a" },
  ServiceName: "users",
  ServiceID: "u1",
  ServiceAddress: "10.1.0.1",
  ServicePort: 8001,
  ServiceTags: common.tags,
  ServiceMeta: meta,
  ServiceWeights: common.weights,
};

const checked = {
  Node: { Node: "n1", Address: " 10.0.0.1 ", Meta: { zone: "a" } },
  Service: {
    ID: "u1",
    Service: "users",
    Address: "10.1.0.1",
    Port: 8001,
    Tags: common.tags,
    Meta: meta,
    Weights: common.weights,
  },
};

test("both kinds of answers are read into the same, and what is of another type is left out", () => {
  const registered = {
    service: "users",
    node: "n1",
    nodeAddress: "10.0.0.1",
    nodeMeta: { zone: "a" },
    id: "u1",
    serviceAddress: "10.1.0.1",
    port: 8001,
    tags: ["v1"],
    meta: { version: "2" },
    weights: { passing: 3, warning: 1 },
    zone: "a",
    health: "passing",
  };
  assert.deepEqual(readCatalogue(JSON.stringify([catalogued])), [registered]);
  assert.deepEqual(readHealth(JSON.stringify([checked])), [registered]);
});

test("what an answer says nothing of is empty, and a port that cannot be is none", () => {
  for (const read of [readCatalogue, readHealth]) {
    const [nothing] = read(JSON.stringify([{}]));
    assert.deepEqual([nothing?.node, nothing?.id, nothing?.port, nothing?.zone], ["", "", undefined, undefined]);
    assert.deepEqual(nothing?.weights, { passing: 1, warning: 1 });
  }
  for (const ServicePort of [0, -1, 65_536, 1.5, "8001", null]) {
    assert.equal(readCatalogue(JSON.stringify([{ ...catalogued, ServicePort }]))[0]?.port, undefined);
  }
});

test("a locality says the zone before any metadata, the service's before its node's", () => {
  const zone = (more: object) => readCatalogue(JSON.stringify([{ ...catalogued, ...more }]))[0]?.zone;
  assert.equal(zone({ ServiceLocality: { Zone: "s" }, Locality: { Zone: "n" }, ServiceMeta: { zone: "m" } }), "s");
  assert.equal(zone({ ServiceLocality: { Zone: "" }, Locality: { Zone: "n" }, ServiceMeta: { zone: "m" } }), "n");
  assert.equal(zone({ ServiceMeta: { zone: "m" } }), "m");
});

test("maintenance is a critical check of a known id, and worse than any other", () => {
  const health = (...checks: object[]) => readHealth(JSON.stringify([{ ...checked, Checks: checks }]))[0]?.health;
  assert.equal(health({ CheckID: "_node_maintenance", Status: "critical" }, { Status: "critical" }), "maintenance");
  assert.equal(health({ CheckID: "_service_maintenance:u1", Status: "critical" }), "maintenance");
  assert.equal(health({ CheckID: "_service_maintenance:u1", Status: "passing" }), "passing");
});

test("the list of services has the tags of each, and an empty list is written in two ways", () => {
  const services = readServices(JSON.stringify({ consul: [], users: ["v1", 5], odd: null }));
  assert.deepEqual(
    [...services],
    [
      ["consul", []],
      ["users", ["v1"]],
      ["odd", []],
    ],
  );
  assert.deepEqual(readCatalogue("null"), []);
  assert.deepEqual(readCatalogue("[]"), []);
});

test("what is no answer of Consul's is refused with its beginning", () => {
  for (const [read, text] of [
    [readCatalogue, "<html>\n<body>a proxy"],
    [readHealth, '{"a": 1}'],
    [readServices, "[]"],
    [readServices, "null"],
  ] as const) {
    assert.throws(() => read(text), /^Error: the answer is not what Consul answers; it begins with "/);
  }
});
