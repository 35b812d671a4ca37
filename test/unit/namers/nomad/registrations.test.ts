import assert from "node:assert/strict";
import { test } from "node:test";
import { readNames, readRegistrations } from "../../../../namers/nomad/registrations.ts";

const entry = { ID: "a", ServiceName: "users", Address: "10.0.0.1", Port: 8080, Tags: ["v1", "http"], NodeID: "n1" };

test("a registration is an instance under its id, with where it runs", () => {
  const { members, refused } = readRegistrations([{ ...entry, Datacenter: "dc1", JobID: "users", AllocID: "x" }], []);
  assert.equal(refused.size, 0);
  assert.deepEqual(members.get("a")?.address, { host: "10.0.0.1", port: 8080, weight: 1 });
  const meta = { address: "10.0.0.1:8080", datacenter: "dc1", node: "n1", job: "users", alloc: "x" };
  assert.deepEqual(members.get("a")?.instance.meta, meta);
});

test("only instances with all of the tags are taken", () => {
  const ids = (...tags: string[]) => [
    ...readRegistrations([entry, { ...entry, ID: "b", Tags: null }], tags).members.keys(),
  ];
  assert.deepEqual([ids(), ids("v1"), ids("v1", "http"), ids("v2")], [["a", "b"], ["a"], ["a"], []]);
});

test("an entry that cannot be called is refused alone, and what is no list is an error", () => {
  const bad = [{ ID: "x", Port: 1 }, { ID: "y", Address: "10.0.0.1", Port: 0 }, null, "z"];
  const { members, refused } = readRegistrations([...bad, entry], []);
  assert.deepEqual([...members.keys()], ["a"]);
  assert.deepEqual([...refused.keys()], ["x", "y", "#2", "#3"]);
  for (const value of [undefined, {}, "text"]) {
    assert.throws(() => readRegistrations(value, []), /not a list/);
    assert.throws(() => readNames(value, "default"), /not a list/);
  }
});

test("names are those of one namespace, sorted", () => {
  const listed = [
    { Namespace: "default", Services: [{ ServiceName: "users" }, { ServiceName: "orders" }, {}] },
    { Namespace: "other", Services: [{ ServiceName: "secret" }] },
    null,
  ];
  assert.deepEqual(readNames(listed, "default"), ["orders", "users"]);
});
