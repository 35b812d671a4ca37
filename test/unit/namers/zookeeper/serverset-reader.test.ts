import assert from "node:assert/strict";
import { test } from "node:test";
import { serversetNodes, ServersetReader } from "../../../../namers/zookeeper/serverset-reader.ts";
import { addressKey } from "../../../../src/base/address.ts";
import type { ServiceReading } from "../../../../src/plugin.ts";
import { memberJson } from "../../../fakes/serverset-fixture.ts";

function readerWith(endpoint?: string, shard?: number) {
  const reader = new ServersetReader({ path: "/users", endpoint, shard });
  const read = (children: ReadonlyMap<string, Uint8Array> | undefined): ServiceReading => {
    const wanted = [...(children ?? [])].filter(([name]) => serversetNodes.wants?.(name));
    const made = wanted.map(([name, data]) => [name, serversetNodes.read(data, name, "/users")] as const);
    return reader.read(children && new Map(made));
  };
  return { reader: { read } };
}

const member = (host: string, port: number, more: object = {}): Uint8Array => memberJson({ host, port }, more);
const node = (n: number): string => `member_${String(n).padStart(10, "0")}`;
const nodes = (...all: readonly Uint8Array[]): Map<string, Uint8Array> =>
  new Map(all.map((data, n) => [node(n), data]));
const keysOf = ({ members }: ServiceReading): readonly string[] | undefined => members && [...members.keys()].sort();

test("members that are alive are called at the endpoint without a name, and known by where they are", () => {
  const { reader } = readerWith();
  const reading = reader.read(nodes(member("a", 1), member("b", 2, { status: "STARTING" }), member("c", 3)));
  assert.deepEqual(keysOf(reading), ["a:1", "c:3"]);
  assert.deepEqual(reading.signs, new Set(["b:2"]));
  assert.deepEqual(
    reading.withdrawn?.map(({ host, ready, meta }) => [host, ready, meta?.["status"]]),
    [["b", false, "STARTING"]],
  );
});

test("an endpoint by its name is that of the members that have it", () => {
  const { reader } = readerWith("http");
  const http = { additionalEndpoints: { http: { host: "a", port: 80 } } };
  const reading = reader.read(nodes(member("a", 1, http), member("b", 2)));
  assert.deepEqual(keysOf(reading), ["a:80"]);
});

test("a shard is that of the members that have its number", () => {
  const { reader } = readerWith(undefined, 1);
  const reading = reader.read(nodes(member("a", 1, { shard: 0 }), member("b", 2, { shard: 1 }), member("c", 3)));
  assert.deepEqual(keysOf(reading), ["b:2"]);
});

test("what a member says of itself goes with its instance and its address", () => {
  const { reader } = readerWith();
  const found = reader
    .read(nodes(member("a", 1, { shard: 7, metadata: { zone: "z", rack: "r" } })))
    .members?.get("a:1");
  assert.deepEqual(found?.address, { host: "a", port: 1, weight: 1, meta: { zone: "z", rack: "r", shard: "7" } });
  assert.equal(found?.instance.zone, "z");
  assert.deepEqual(found?.instance.meta, { zone: "z", rack: "r", shard: "7", node: node(0), status: "ALIVE" });
});

test("an address without metadata has none", () => {
  assert.deepEqual(
    readerWith()
      .reader.read(nodes(member("a", 1)))
      .members?.get("a:1")?.address,
    {
      host: "a",
      port: 1,
      weight: 1,
    },
  );
});

test("vectors say the weights, and take members out by a sign", () => {
  const { reader } = readerWith();
  const children = nodes(member("a", 1, { shard: 0 }), member("b", 2, { shard: 1 }));
  const vector = [
    { select: "shard=0", weight: 2 },
    { select: "shard=1", weight: -1.0 },
  ];
  children.set("vector_0000000002", Buffer.from(JSON.stringify({ vector })));
  const reading = reader.read(children);
  assert.deepEqual(keysOf(reading), ["a:1"]);
  assert.equal(reading.members?.get("a:1")?.address.weight, 2);
  assert.deepEqual(reading.signs, new Set(["b:2"]));
});

test("a member or vector that cannot be read is left out alone, and refused", () => {
  const { reader } = readerWith();
  const children = nodes(member("a", 1), Buffer.from(""), member("c", 3));
  children.set("vector_0000000009", Buffer.from("[]"));
  for (let n = 0; n < 2; n++) {
    const reading = reader.read(children);
    assert.deepEqual(keysOf(reading), ["a:1", "c:3"]);
    assert.deepEqual(
      [...(reading.refused ?? [])],
      [
        [node(1), "it is empty"],
        ["vector_0000000009", "it is not an object"],
      ],
    );
  }
});

test("a node with nothing but members that cannot be read is a serverset nevertheless", () => {
  const { reader } = readerWith();
  assert.deepEqual(keysOf(reader.read(nodes(Buffer.from("")))), []);
});

test("a status that changes together with the address is a sign of what was there before", () => {
  const { reader } = readerWith();
  reader.read(nodes(member("a", 1), member("b", 2)));
  const reading = reader.read(nodes(member("a", 9, { status: "DEAD" }), member("b", 2)));
  assert.deepEqual(reading.signs, new Set(["a:1", "a:9"]));
});

test("a member that offers the endpoint no more is a sign of what was there before", () => {
  const { reader } = readerWith("http");
  reader.read(nodes(member("a", 1, { additionalEndpoints: { http: { host: "a", port: 80 } } })));
  assert.deepEqual(reader.read(nodes(member("a", 1))).signs, new Set(["a:80"]));
});

test("a shard that came back on its host replaces what it was, even while the old node is there", () => {
  const { reader } = readerWith();
  const reading = reader.read(
    nodes(member("a", 1, { shard: 3 }), member("b", 2, { shard: 4 }), member("a", 9, { shard: 3 })),
  );
  assert.deepEqual(keysOf(reading), ["a:9", "b:2"]);
});

test("instances on different hosts are all called, were they all announced as shard 0", () => {
  const { reader } = readerWith();
  const reading = reader.read(nodes(member("a", 1, { shard: 0 }), member("b", 1, { shard: 0 })));
  assert.deepEqual(keysOf(reading), ["a:1", "b:1"]);
});

test("what is held of a shard is replaced by that shard, wherever it is now, and by no other", () => {
  const { reader } = readerWith();
  const before = reader.read(nodes(member("a", 1, { shard: 3 }), member("b", 1, { shard: 4 }), member("c", 1)));
  const { replaces } = reader.read(new Map([[node(9), member("z", 1, { shard: 3 })]]));
  const isReplaced = [...(before.members?.values() ?? [])].map((each) => [addressKey(each.address), replaces?.(each)]);
  assert.deepEqual(isReplaced.sort(), [
    ["a:1", true],
    ["b:1", false],
    ["c:1", false],
  ]);
});

test("a node without members is no serverset, and one whose members are not alive is an empty one", () => {
  const { reader } = readerWith();
  assert.equal(reader.read(undefined).members, undefined);
  assert.equal(reader.read(new Map()).members, undefined);
  assert.equal(reader.read(new Map([["vector_1", Buffer.from("{}")]])).members, undefined);
  assert.equal(reader.read(nodes(member("a", 1, { status: "STOPPED" }))).members?.size, 0);
});

test("only members and vectors are read", () => {
  const names = ["member_1", "vector_1", "users", "Member_1"];
  assert.deepEqual(
    names.map((name) => serversetNodes.wants?.(name)),
    [true, true, false, false],
  );
});
