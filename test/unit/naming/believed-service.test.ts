import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Address, AddressSet } from "../../../src/base/address.ts";
import type { Instance } from "../../../src/base/instance.ts";
import { BelievedService } from "../../../src/naming/believed-service.ts";
import type { ServiceMember } from "../../../src/naming/service-source.ts";

const instance: Instance = { id: "i", host: "10.0.0.1", weight: 1, ready: true };
const address = fc.record(
  {
    host: fc.integer({ min: 1, max: 12 }).map((n) => `10.0.0.${n}`),
    port: fc.constant(80),
    weight: fc.integer({ min: 1, max: 2 }),
  },
  { noNullPrototype: true },
);
/** Readings of the same few members, some of which have one address between them now and then. */
const readings = fc.array(
  fc.tuple(fc.array(fc.tuple(fc.nat(15), address), { maxLength: 16 }), fc.constantFrom(undefined, { authority: "a" })),
  { maxLength: 8 },
);

test("a service that is believed after another has the addresses that it would have anew", () => {
  fc.assert(
    fc.property(readings, (all) => {
      const members = new Map<string, ServiceMember>();
      let before: BelievedService | undefined;
      for (const [changes, meta] of all) {
        for (const [n, each] of changes) {
          if (members.has(`i-${n}`) && each.weight === 2) members.delete(`i-${n}`);
          else members.set(`i-${n}`, { instance, address: each });
        }
        const believed = new Map(members);
        before = new BelievedService(believed, { members: believed, ...(meta ? { meta } : {}) }, before);
        const addresses: Address[] = [...believed.values()].map((member) => member.address);
        const anew = AddressSet.of(addresses, meta);
        assert.deepEqual({ ...before.addresses }, { ...anew });
      }
    }),
    { numRuns: 2_000 },
  );
});

test("an address that stays is the object that it was", () => {
  const member = (n: number): ServiceMember => ({ instance, address: { host: `10.0.0.${n}`, port: 80, weight: 1 } });
  const members = new Map(Array.from({ length: 9 }, (_, n) => [`i-${n}`, member(n)]));
  const before = new BelievedService(members, { members }, undefined);
  const later = new Map(members).set("i-3", member(33));
  const after = new BelievedService(later, { members: later }, before);
  const kept = after.addresses.addresses.filter((each) => before.addresses.addresses.includes(each));
  assert.equal(kept.length, 8);
  assert.equal(after.addresses.addresses.length, 9);
});
