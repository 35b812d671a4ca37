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

  it("is packed in one text, of which the same addresses are made anew", () => {
    const set = AddressSet.of(
      [
        at("10.0.0.1", 80),
        at("10.0.0.2", 80),
        { ...at("::1", 81, 0.5, { zone: "z" }), tlsPort: 443 },
        at("b", 81, 0.5),
      ],
      { authority: "x" },
    );
    const packed = set.packed();
    assert.deepEqual(packed.addresses, set.addresses);
    assert.notEqual(packed.addresses, packed.addresses);
    assert.equal(packed.equals(set), true);
    assert.equal(set.equals(packed), true);
    assert.equal(packed.packed(), packed);
    const put = [at("10.0.0.2", 80, 3)];
    assert.deepEqual(packed.patched({ put, removed: ["b:81"] }, {}), set.patched({ put, removed: ["b:81"] }, {}));
    assert.deepEqual(packed.changesTo(set), { put: [], removed: [] });
  });

  it("is not packed where it is empty, or has more addresses than can be made anew for whoever looks", () => {
    assert.equal(AddressSet.empty.packed(), AddressSet.empty);
    const large = AddressSet.of(Array.from({ length: 101 }, (_, n) => at("a", n + 1)));
    assert.equal(large.packed(), large);
    const odd = AddressSet.of([at("a b", 1)]);
    assert.equal(odd.packed(), odd);
  });
});
