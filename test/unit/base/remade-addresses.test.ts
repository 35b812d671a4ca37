import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Address, AddressSet } from "../../../src/base/address.ts";
import { RemadeAddresses } from "../../../src/base/remade-addresses.ts";
import { RemadeMap } from "../../../src/base/remade-map.ts";

class Members extends RemadeMap<string, { readonly address: Address }> {
  readonly #hosts: readonly string[];

  constructor(...hosts: string[]) {
    super();
    this.#hosts = hosts;
  }

  protected make(): ReadonlyMap<string, { readonly address: Address }> {
    return new Map(this.#hosts.map((host, at) => [`m-${at}`, { address: { host, port: 80, weight: 1 } }]));
  }
}

const plain = (...hosts: string[]): AddressSet => AddressSet.of(hosts.map((host) => ({ host, port: 80, weight: 1 })));

describe("a set of addresses that is made of members", () => {
  it("has what a set of their addresses has, in its order and without doubles", () => {
    const set = new RemadeAddresses(new Members("b", "a", "b"), { authority: "x" });
    assert.deepEqual([set.size, set.meta], [2, { authority: "x" }]);
    assert.deepEqual(set.addresses, plain("a", "b").addresses);
    assert.equal(set.packed(), set);
  });

  it("equals whichever set has the same addresses", () => {
    const members = new Members("a", "b");
    const set = new RemadeAddresses(members);
    for (const same of [new RemadeAddresses(members), new RemadeAddresses(new Members("b", "a")), plain("a", "b")]) {
      assert.deepEqual([set.equals(same), same.equals(set)], [true, true]);
    }
    const others = [plain("a", "c"), plain("a").packed(), new RemadeAddresses(members, { authority: "x" })];
    for (const other of others) assert.deepEqual([set.equals(other), other.equals(set)], [false, false]);
  });

  it("is patched, and tells changes, as any other", () => {
    const set = new RemadeAddresses(new Members("a", "b"));
    const changes = set.changesTo(plain("a", "c"));
    assert.deepEqual(changes.removed, ["b:80"]);
    assert.ok(set.patched(changes, set.meta).equals(plain("a", "c")));
  });
});
