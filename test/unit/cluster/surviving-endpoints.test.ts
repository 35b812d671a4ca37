import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Address, addressKey, AddressSet } from "../../../src/base/address.ts";
import { Endpoint } from "../../../src/cluster/endpoint.ts";
import { survivingEndpoints } from "../../../src/cluster/surviving-endpoints.ts";

const arrival = {} as ConstructorParameters<typeof Endpoint>[1];
const pool = Array.from({ length: 30 }, (_, n): Address => ({ host: `10.0.0.${n}`, port: 80, weight: 1 }));
/** Addresses that are the same objects in several sets, and others with the same keys. */
const address = fc.oneof(
  fc.constantFrom(...pool),
  fc.record({ at: fc.nat(29), weight: fc.nat(2) }).map(({ at, weight }) => ({ ...(pool[at] as Address), weight })),
);
const sets = fc.array(
  fc.array(address, { maxLength: 30 }).map((all) => AddressSet.of(all)),
  { maxLength: 8 },
);

test("an endpoint stays the object that it was for as long as its key is in the set, and takes each new address", () => {
  fc.assert(
    fc.property(sets, (all) => {
      let endpoints: readonly Endpoint[] = [];
      const model = new Map<string, Endpoint>();
      for (const { addresses } of all) {
        const added: string[] = [];
        const removed: Endpoint[] = [];
        endpoints = survivingEndpoints(endpoints, addresses, {
          added(each) {
            added.push(addressKey(each));
            return new Endpoint(each, arrival);
          },
          removed: (endpoint) => void removed.push(endpoint),
        });
        const keys = addresses.map(addressKey);
        assert.deepEqual(
          endpoints.map((endpoint) => endpoint.address),
          addresses,
        );
        assert.deepEqual(
          added,
          keys.filter((key) => !model.has(key)),
        );
        const gone = [...model].filter(([key]) => !keys.includes(key)).map(([, endpoint]) => endpoint);
        assert.deepEqual(new Set(removed), new Set(gone));
        assert.equal(removed.length, gone.length);
        for (const endpoint of endpoints) assert.equal(model.get(endpoint.key) ?? endpoint, endpoint);
        model.clear();
        for (const endpoint of endpoints) model.set(endpoint.key, endpoint);
      }
    }),
    { numRuns: 500 },
  );
});
