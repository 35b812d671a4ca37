import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Endpoint } from "../../../../namers/kubernetes/endpoint.ts";
import { PackedEndpoints } from "../../../../namers/kubernetes/packed-endpoints.ts";

const text = fc.option(fc.string({ unit: "binary" }), { nil: undefined });
const spots = [undefined, { nodeName: "n" }, { nodeName: "n", zone: "z" }];
const endpoint = fc
  .record({
    host: fc.string(),
    condition: fc.constantFrom("ready" as const, "leaving" as const, "out" as const),
    uid: text,
    pod: text,
    spot: fc.constantFrom(...spots),
    hints: text,
  })
  .map((parts) => new Endpoint(parts));

test("endpoints that are packed are as they were, in their order, and share where they run", () => {
  fc.assert(
    fc.property(fc.array(endpoint, { maxLength: 32 }), (endpoints) => {
      const unpacked = PackedEndpoints.of(endpoints)?.unpacked() ?? [];
      assert.equal(unpacked.length, endpoints.length);
      for (const [at, each] of endpoints.entries()) {
        assert.ok(unpacked[at]?.isSame(each));
        assert.equal(unpacked[at]?.spot, each.spot);
      }
    }),
  );
});

test("packed endpoints are the same where each is the same as the one in its place", () => {
  const some = fc.array(endpoint, { maxLength: 4 });
  // Half of the pairs differ in nothing but their objects, or in one of them.
  const pair = fc.oneof(
    fc.tuple(some, some),
    some.map((each) => [each, each.map((one) => new Endpoint(one))] as const),
    fc.tuple(some, endpoint).map(
      ([each, last]) =>
        [
          [...each, last],
          [...each, new Endpoint({ ...last, uid: "other" })],
        ] as const,
    ),
  );
  fc.assert(
    fc.property(pair, ([one, other]) => {
      const isSame = one.length === other.length && one.every((each, at) => each.isSame(other[at] as Endpoint));
      const [packed, others] = [PackedEndpoints.of(one), PackedEndpoints.of(other)];
      assert.ok(packed && others);
      assert.equal(packed.isSame(others), isSame);
    }),
  );
});

test("endpoints of a large group stay objects, and so do announced ones", () => {
  const at = (announced?: ConstructorParameters<typeof Endpoint>[0]["announced"]): Endpoint =>
    new Endpoint({
      host: "10.0.0.1",
      condition: "ready",
      uid: undefined,
      pod: undefined,
      spot: undefined,
      hints: undefined,
      announced,
    });
  assert.equal(PackedEndpoints.of(Array.from({ length: 33 }, () => at())), undefined);
  assert.equal(PackedEndpoints.of([at({ id: "i", group: "g", origin: undefined })]), undefined);
});
