import assert from "node:assert/strict";
import { test } from "node:test";
import { Trust } from "../../../src/router/trust.ts";

test("a caller is trusted when his address lies in a given network, in either family", () => {
  const trust = new Trust(["10.0.0.0/8", "192.168.1.7", "fd00::/8"]);
  for (const [address, trusted] of [
    ["10.255.0.1", true],
    ["::ffff:10.0.0.1", true],
    ["11.0.0.1", false],
    ["192.168.1.7", true],
    ["192.168.1.8", false],
    ["fd12::1", true],
    ["fe80::1", false],
    ["", false],
    ["nonsense", false],
  ] as const) {
    assert.equal(trust.trusts(address), trusted, address);
    assert.equal(trust.trusts(address), trusted, `${address}, asked again`);
  }
});

test("nobody is trusted by none or an empty list, everybody by all", () => {
  assert.equal(new Trust("none").trusts("10.0.0.1"), false);
  assert.equal(new Trust([]).trusts("10.0.0.1"), false);
  assert.equal(new Trust("all").trusts(""), true);
});

test("what is not a network is refused", () => {
  assert.throws(() => new Trust(["example.com"]), /example\.com is not an address or a network/);
  assert.throws(() => new Trust(["10.0.0.0/99"]));
});
