import assert from "node:assert/strict";
import { test } from "node:test";
import { CuratorNodes } from "../../../../namers/zookeeper/curator-member.ts";
import { curatorReader } from "../../../../namers/zookeeper/curator-reader.ts";
import type { ServiceReading } from "../../../../src/plugin.ts";

const node = (fields: object): Uint8Array => Buffer.from(JSON.stringify({ address: "10.0.0.1", ...fields }));

function readerWith(useDisabled = false, tags: readonly string[] = []) {
  const nodes = new CuratorNodes({ port: "sslPort", useDisabled, tags, meta: [] });
  const read = (children: ReadonlyMap<string, Uint8Array> | undefined): ServiceReading =>
    curatorReader.read(
      children && new Map([...children].map(([name, data]) => [name, nodes.read(data, name, "/services/users")])),
    );
  return { reader: { read } };
}

test("a node that cannot be read is left out and refused, until it can be read", () => {
  const { reader } = readerWith();
  const children = new Map([
    ["a", node({ port: 1 })],
    ["bad", Buffer.from("")],
    ["none", node({})],
  ]);
  const reading = reader.read(children);
  assert.deepEqual([...(reading.members?.keys() ?? [])], ["a"]);
  assert.deepEqual(
    reading.refused,
    new Map([
      ["bad", "it is empty"],
      ["none", "it has no port that can be connected to"],
    ]),
  );
  children.set("bad", node({ port: 2 })).delete("none");
  assert.equal(reader.read(children).refused, undefined);
});

test("an instance that is not enabled is withdrawn by sign", () => {
  const { reader } = readerWith();
  const reading = reader.read(
    new Map([
      ["a", node({ id: "i-a", port: 1 })],
      ["b", node({ id: "i-b", port: 2, enabled: false })],
    ]),
  );
  assert.deepEqual([...(reading.members?.keys() ?? [])], ["a"]);
  assert.deepEqual(reading.signs, new Set(["b"]));
  assert.deepEqual(
    reading.withdrawn?.map((each) => each.id),
    ["i-b"],
  );
});

test("an instance that is not enabled is called where that is wanted", () => {
  const { reader } = readerWith(true);
  const reading = reader.read(new Map([["b", node({ port: 2, enabled: false })]]));
  assert.deepEqual([...(reading.members?.keys() ?? [])], ["b"]);
});

test("a service that is not there has no members, which is not the same as none", () => {
  const { reader } = readerWith();
  assert.equal(reader.read(undefined).members, undefined);
  assert.equal(reader.read(new Map()).members?.size, 0);
});

test("only instances whose payload lists every tag are members, and losing a tag is a sign", () => {
  const { reader } = readerWith(false, ["blue", "eu"]);
  const tagged = (...tags: string[]) => node({ port: 1, payload: { "@class": "demo.Meta", tags } });
  const children = new Map([
    ["a", tagged("eu", "blue", "x")],
    ["b", tagged("blue")],
    ["c", node({ port: 1 })],
    ["d", node({ port: 1, payload: { metadata: { tags: ["java.util.ArrayList", ["blue", "eu"]] } } })],
  ]);
  const reading = reader.read(children);
  assert.deepEqual([...(reading.members?.keys() ?? [])], ["a", "d"]);
  assert.deepEqual(reading.signs, new Set(["b", "c"]));
});
