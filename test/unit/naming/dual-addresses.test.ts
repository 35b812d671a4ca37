import assert from "node:assert/strict";
import { test } from "node:test";
import { dualAddresses } from "../../../src/naming/dual-addresses.ts";

const service = (...addresses: readonly string[]) => ({
  state: "ok" as const,
  addresses: addresses.map((address) => ({ address, weight: 1 })),
});
const services = {
  "/#/zk/users": service("10.0.0.1:80", "10.0.0.2:80"),
  "/#/k8s/users": service("10.0.0.2:80", "10.0.0.3:80"),
  "/#/old/users": service("10.0.0.1:80"),
};

test("an address that two of the chosen names have is told once, with both", () => {
  assert.deepEqual(dualAddresses(["/#/zk/users", "/#/k8s/users", "/#/zk/users"], services), [
    { address: "10.0.0.2:80", ids: ["/#/zk/users", "/#/k8s/users"] },
  ]);
});

test("what was not chosen does not count, nor does a name that is chosen twice", () => {
  assert.deepEqual(dualAddresses(["/#/zk/users", "/#/zk/users"], services), []);
  assert.deepEqual(dualAddresses(["/#/unheard-of"], services), []);
});
