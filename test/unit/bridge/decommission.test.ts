import assert from "node:assert/strict";
import { test } from "node:test";
import { decommissionPlan, type Usage } from "../../../src/bridge/decommission.ts";

const nothing: Usage = {
  source: "/#/zk",
  kind: "io.l5d.curator",
  at: 10,
  since: 5,
  countedSince: 1,
  names: [],
  left: 0,
  reading: [],
  writing: [],
  others: { clients: [], unknown: [] },
};
const isOf = (id: string): boolean => id.startsWith("/#/zk/");

const blocks = (usage: Partial<Usage>, routes: readonly { name: string; clusters: readonly string[] }[] = []) =>
  decommissionPlan({ ...nothing, ...usage }, [{ label: "http", routes }], isOf).blocks.map(
    ({ kind, name }) => `${kind} ${name}`,
  );

test("nothing is in the way of a registry that nobody uses, and of which that is known", () => {
  assert.deepEqual(blocks({}), []);
});

test("a route that has nothing else is in the way, and one that has another source too is not", () => {
  const routes = [
    { name: "/svc/users", clusters: ["/#/zk/users"] },
    { name: "/svc/orders", clusters: ["/#/zk/orders", "/#/k8s/shop/http/orders"] },
    { name: "/svc/carts", clusters: [] },
  ];
  assert.deepEqual(blocks({}, routes), ["only /svc/users"]);
});

test("requests, mirrors, clients of others and what is not known are in the way, each by its name", () => {
  const used = {
    id: "/#/zk/users",
    boundAt: 9,
    requestAt: 9,
    requests: 3,
    callers: [],
    others: 0,
    hosts: [],
    otherHosts: 0,
  };
  const idle = { id: "/#/zk/orders", boundAt: 9, requests: 0, callers: [], others: 0, hosts: [], otherHosts: 0 };
  const others = {
    clients: [{ address: "10.0.0.7:5", watches: 2, example: "/services/users" }],
    unknown: ["wchp is off"],
  };
  assert.deepEqual(blocks({ names: [used, idle], reading: ["a"], writing: ["b"], others, countedSince: 7 }), [
    "used /#/zk/users",
    "mirror a",
    "mirror b",
    "client 10.0.0.7:5",
    "unknown other clients",
    "unknown usage",
  ]);
});
