import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Address, addressKey, AddressSet } from "../../../src/base/address.ts";

const addressAt = (n: number, weight = 1): Address => ({ host: `10.0.${n >> 8}.${n & 255}`, port: 80, weight });
const keysOf = (set: AddressSet): readonly string[] => set.addresses.map(addressKey);

const change = fc.oneof(
  fc.record({ what: fc.constant("remove" as const), at: fc.nat(), n: fc.nat(400) }),
  fc.record({ what: fc.constant("add" as const), at: fc.nat(), n: fc.nat(400) }),
  fc.record({ what: fc.constant("replace" as const), at: fc.nat(), n: fc.nat(400) }),
);

test("addresses of which a few changed are those that they would be anew, in the same order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 200 }), fc.array(fc.array(change, { maxLength: 8 })), (count, rounds) => {
      let all = Array.from({ length: count }, (_, n) => addressAt(n));
      let set = AddressSet.of(all);
      for (const changes of rounds) {
        all = [...all];
        for (const { what, at, n } of changes) {
          const place = at % (all.length + 1);
          all.splice(place, what === "add" ? 0 : 1, ...(what === "remove" ? [] : [addressAt(n, 2)]));
        }
        set = set.changed(all);
        const anew = AddressSet.of(all);
        assert.deepEqual(keysOf(set), keysOf(anew));
        assert.ok(set.equals(anew));
      }
    }),
    { numRuns: 300 },
  );
});

test("an address that stays is the object that it was", () => {
  const all = Array.from({ length: 100 }, (_, n) => addressAt(n));
  const before = AddressSet.of(all);
  const after = before.changed([...all.slice(1), addressAt(300)], { authority: "a" });
  assert.equal(after.addresses.length, 100);
  assert.equal(after.meta["authority"], "a");
  assert.ok(all.slice(1).every((address) => after.addresses.includes(address)));
});
