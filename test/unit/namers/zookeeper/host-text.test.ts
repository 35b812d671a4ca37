import assert from "node:assert/strict";
import { test } from "node:test";
import { bareHost, isPort } from "../../../../namers/zookeeper/host-text.ts";

const hosts: readonly (readonly [string, string])[] = [
  ["10.0.0.1", "10.0.0.1"],
  [" users.example ", "users.example"],
  ["[::1]", "::1"],
  ["fd00:0:0:0:0:0:0:2%eth0", "fd00:0:0:0:0:0:0:2"],
  ["[fe80::1%eth0]", "fe80::1"],
  ["a%b", "a%b"],
  ["", ""],
];
for (const [text, host] of hosts) {
  test(`the host of ${JSON.stringify(text)} is ${JSON.stringify(host)}`, () => assert.equal(bareHost(text), host));
}

test("a port is a whole number from 1 to 65535", () => {
  for (const port of [1, 80, 65_535]) assert.ok(isPort(port));
  for (const port of [0, -1, 1.5, 65_536, "80", null, undefined, NaN]) assert.equal(isPort(port), false);
});
