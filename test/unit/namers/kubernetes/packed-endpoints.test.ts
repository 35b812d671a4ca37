import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Endpoint, Spots, SpotTable } from "../../../../namers/kubernetes/endpoint.ts";
import { AddressSet } from "../../../../src/base/address.ts";
import { PackedEndpoints } from "../../../../namers/kubernetes/packed-endpoints.ts";

/** Whatever has no marks in it. */
const word = fc.string({ unit: "binary" }).map((each) => each.replaceAll(/[\n ]/g, ""));
const text = fc.option(word, { nil: undefined });
const spots = new Spots();
const places = [undefined, spots.at("n", undefined), spots.at("n", "z"), spots.at(undefined, "z")];
const endpoint = fc
  .record({
    host: fc.oneof(word, fc.ipV4(), fc.ipV6()),
    condition: fc.constantFrom("ready" as const, "leaving" as const, "out" as const),
    uid: text,
    pod: text,
    spot: fc.constantFrom(...places),
    hints: text,
  })
  .map((parts) => new Endpoint(parts));

const pack = (endpoints: readonly Endpoint[], table = spots.table): PackedEndpoints | undefined =>
  PackedEndpoints.of(endpoints, table);
const inOrder = (endpoints: readonly Endpoint[]): readonly Endpoint[] =>
  AddressSet.of(endpoints.map(({ host }) => ({ host, port: 0, weight: 1 })))
    .addresses.map(({ host }) => host)
    .flatMap((host) => endpoints.filter((each) => each.host === host));

test("endpoints that are packed are as they were, in the order of a set of addresses, and share where they run", () => {
  fc.assert(
    fc.property(fc.array(endpoint, { maxLength: 32 }), (endpoints) => {
      const unpacked = pack(endpoints)?.unpacked() ?? [];
      assert.equal(unpacked.length, endpoints.length);
      for (const [at, each] of inOrder(endpoints).entries()) {
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
      const [sorted, others] = [inOrder(one), inOrder(other)];
      const isSame = one.length === other.length && sorted.every((each, at) => each.isSame(others[at] as Endpoint));
      for (const table of [spots.table, new SpotTable()]) {
        const [packed, again] = [pack(one), pack(other, table)];
        assert.ok(packed && again);
        assert.equal(packed.isSame(again), isSame);
      }
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
  assert.equal(pack(Array.from({ length: 33 }, () => at())), undefined);
  assert.equal(pack([at({ id: "i", group: "g", origin: undefined })]), undefined);
});

test("endpoints whose texts have the marks of the packed form in them stay objects", () => {
  for (const host of ["a b", "a\nb"]) {
    const parts = { condition: "ready", uid: undefined, pod: undefined, spot: undefined, hints: undefined } as const;
    assert.equal(pack([new Endpoint({ host, ...parts })]), undefined);
  }
});

test("another table of places is begun when there are too many of them", () => {
  const many = new Spots();
  const { table } = many;
  for (let n = 0; n < 20_000; n++) many.at(`node-${n}`, "z");
  assert.deepEqual([many.table === table, table.size], [true, 20_000]);
  assert.deepEqual(many.at("node-1", "z"), { nodeName: "node-1", zone: "z" });
  assert.deepEqual([many.table === table, many.table.size, table.size], [false, 1, 20_000]);
});
