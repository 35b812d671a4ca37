import assert from "node:assert/strict";
import { test } from "node:test";
import { addressSetOf, readAddresses, readTree } from "../../../../namers/namerd/documents.ts";
import { showTree } from "../../../../src/naming/name-tree.ts";

const leaf = (id: string, path = "/"): object => ({ type: "leaf", bound: { addr: { type: "pending" }, id, path } });

test("a tree is read with its weights and residuals", () => {
  const union = [
    { weight: 0.25, tree: leaf("/#/a", "/rest") },
    { weight: 3, tree: { type: "alt", alt: [leaf("/#/b"), { type: "empty" }] } },
  ];
  const tree = readTree({ type: "union", union });
  const show = ({ id, residual }: { id: { show: string }; residual: { show: string } }): string =>
    `${id.show}@${residual.show}`;
  assert.equal(showTree(tree, show), "0.25*/#/a@/rest & 3.00*(/#/b@/ | $)");
  assert.deepEqual(
    ["neg", "empty", "fail"].map((type) => readTree({ type }).tag),
    ["neg", "empty", "fail"],
  );
});

test("a tree that is a failure or none at all is told in a sentence", () => {
  assert.throws(
    () => readTree({ type: "exception", message: "no such namespace" }),
    /cannot bind it: no such namespace/,
  );
  assert.throws(() => readTree({ type: "forest" }), /a tree of the type forest/);
  assert.throws(() => readTree([]), /no object/);
  assert.throws(() => readTree({ type: "alt" }), /no list/);
});

test("addresses are read with their weight, as a number or as a text, and what else is said of them", () => {
  const addrs = [
    { ip: "10.0.0.1", port: 80, meta: { endpoint_addr_weight: 2.5, nodeName: "n1" } },
    { ip: "10.0.0.2", port: 80, meta: { endpoint_addr_weight: "0.5" } },
    { ip: "::1", port: 80, meta: {} },
    { ip: "10.0.0.3", port: 80 },
  ];
  const reading = readAddresses({ type: "bound", addrs, meta: { authority: "users.example" } });
  assert.ok(reading);
  const set = addressSetOf(reading);
  assert.deepEqual(set.addresses, [
    { host: "10.0.0.1", port: 80, weight: 2.5, meta: { nodeName: "n1" } },
    { host: "10.0.0.2", port: 80, weight: 0.5 },
    { host: "10.0.0.3", port: 80, weight: 1 },
    { host: "::1", port: 80, weight: 1 },
  ]);
  assert.deepEqual(set.meta, { authority: "users.example" });
  assert.deepEqual([...(reading.members?.keys() ?? [])], ["10.0.0.1:80", "10.0.0.2:80", "[::1]:80", "10.0.0.3:80"]);
});

test("pending is nothing, neg is nobody, and failed is a failure", () => {
  assert.equal(readAddresses({ type: "pending" }), undefined);
  assert.deepEqual(readAddresses({ type: "neg" }), { members: undefined });
  assert.throws(() => readAddresses({ type: "failed", cause: "no leader" }), /no addresses: no leader/);
  assert.throws(() => readAddresses({ type: "bound", addrs: [{ ip: "10.0.0.1" }] }), /without a port/);
});
