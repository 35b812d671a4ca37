import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Address, addressKey, AddressSet } from "../../../src/base/address.ts";

const at = (host: string, port: number, weight = 1, meta?: Record<string, string>): Address => ({
  host,
  port,
  weight,
  ...(meta ? { meta } : {}),
});

describe("an address", () => {
  it("is known by host and port, IPv6 in brackets", () => {
    assert.equal(addressKey(at("10.0.0.1", 80)), "10.0.0.1:80");
    assert.equal(addressKey(at("::1", 80)), "[::1]:80");
  });
});

describe("a set of addresses", () => {
  it("has no doubles and no order of its own", () => {
    const a = AddressSet.of([at("b", 1), at("a", 1), at("b", 1, 9)]);
    const b = AddressSet.of([at("a", 1), at("b", 1)]);
    assert.deepEqual(a.addresses, [at("a", 1), at("b", 1)]);
    assert.equal(a.equals(b), true);
  });

  it("differs by weight, by metadata, by its own metadata and by size", () => {
    const a = AddressSet.of([at("a", 1)], { authority: "x" });
    const others = [
      AddressSet.of([{ ...at("a", 1), tlsPort: 2 }], { authority: "x" }),
      AddressSet.of([at("a", 1, 2)], { authority: "x" }),
      AddressSet.of([at("a", 1, 1, { zone: "z" })], { authority: "x" }),
      AddressSet.of([at("a", 1)], { authority: "y" }),
      AddressSet.of([at("a", 1)]),
      AddressSet.of([at("a", 1), at("b", 1)], { authority: "x" }),
      AddressSet.empty,
    ];
    assert.deepEqual(
      others.map((other) => a.equals(other)),
      others.map(() => false),
    );
  });

  it("leads a client with TLS to the TLS port of each address that has one", () => {
    const plain = AddressSet.of([at("a", 1)], { authority: "x" });
    assert.equal(plain.overTls(), plain);
    const both = AddressSet.of([{ ...at("a", 1, 3, { zone: "z" }), tlsPort: 9 }, at("b", 1)], { authority: "x" });
    assert.deepEqual(both.addresses[0]?.port, 1);
    assert.deepEqual(both.overTls(), AddressSet.of([at("a", 9, 3, { zone: "z" }), at("b", 1)], { authority: "x" }));
  });

  it("calls two addresses once that speak TLS at the same port", () => {
    const shared = AddressSet.of([1, 2].map((port) => ({ ...at("a", port), tlsPort: 9 })));
    assert.deepEqual(shared.overTls().addresses, [at("a", 9)]);
  });
});
