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

const member = (host: string): ServiceMember => ({ instance, address: { host, port: 80, weight: 1 } });
/** So many that the addresses of a changed reading are made of those before. */
const crowd = new Map(Array.from({ length: 120 }, (_, n) => [`c-${n}`, member(`10.1.0.${n}`)]));

test("a service that is believed after another has the addresses that it would have anew, be it small or large", () => {
  fc.assert(
    fc.property(readings, fc.boolean(), (all, isLarge) => {
      const members = new Map<string, ServiceMember>(isLarge ? crowd : []);
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
        const shown = ({ addresses: of, meta: own }: AddressSet): unknown => ({ of, own });
        assert.deepEqual(shown(before.addresses), shown(anew));
      }
    }),
    { numRuns: 1_000 },
  );
});

test("of a large service an address that stays is the object that it was", () => {
  const before = new BelievedService(crowd, { members: crowd }, undefined);
  const later = new Map(crowd).set("c-3", member("10.1.1.3"));
  const after = new BelievedService(later, { members: later }, before);
  const kept = after.addresses.addresses.filter((each) => before.addresses.addresses.includes(each));
  assert.equal(kept.length, 119);
  assert.equal(after.addresses.addresses.length, 120);
});
