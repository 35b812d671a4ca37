import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressOf, type CuratorReading, readCuratorInstance } from "../../../../namers/zookeeper/curator-instance.ts";
import { CuratorNodes } from "../../../../namers/zookeeper/curator-member.ts";
import type { CuratorMember } from "../../../../namers/zookeeper/plain-member.ts";
import { Unreadable } from "../../../../namers/zookeeper/node-kind.ts";

const how: CuratorReading = { port: "sslPort", useDisabled: false, tags: [], meta: [] };
const nodes = new CuratorNodes(how);
const usual = { name: "users", id: "i-1", address: "10.0.0.1", port: 80, serviceType: "DYNAMIC" };

function made(fields: object, of = nodes, node = "i-1"): CuratorMember {
  const member = of.read(Buffer.from(JSON.stringify(fields)), node, "/services/users");
  assert.ok(!(member instanceof Unreadable));
  return member;
}

/** What a node may say beside where it is. */
const said = fc.record(
  {
    name: fc.constantFrom("users", "other"),
    id: fc.constantFrom("i-1", "i-2"),
    port: fc.constantFrom(80, 81, "80", 0, null),
    sslPort: fc.constantFrom(443, 80, null),
    enabled: fc.boolean(),
    serviceType: fc.constantFrom("DYNAMIC", "PERMANENT"),
    payload: fc.constantFrom(null, { zone: "a" }, "text", 1),
  },
  { requiredKeys: [] },
);

test("however little is kept of an instance, it says all that its node says", () => {
  fc.assert(
    fc.property(said, (fields) => {
      const text = JSON.stringify({ address: "10.0.0.1", port: 80, ...fields });
      const instance = readCuratorInstance(text, "i-1");
      const address = addressOf(instance, how);
      const member = nodes.read(Buffer.from(text), "i-1", "/services/users");
      if (member instanceof Unreadable) return assert.equal(address, undefined);
      assert.deepEqual(member.instance, instance);
      assert.deepEqual({ ...member.address }, address);
      assert.equal(member.notCalled, instance.ready ? undefined : "disabled");
    }),
  );
});

test("what is read of equal data is the same, and what is the same says the same", () => {
  fc.assert(
    fc.property(said, said, (a, b) => {
      const texts = [a, b].map((fields) => JSON.stringify({ ...usual, sslPort: 443, ...fields }));
      const [one, other] = texts.map((text) => nodes.read(Buffer.from(text), "i-1", "/services/users"));
      assert.ok(one && other);
      const isSame = nodes.isSame(one, other);
      assert.ok(isSame || texts[0] !== texts[1]);
      if (!isSame || one instanceof Unreadable || other instanceof Unreadable) return;
      assert.deepEqual([one.instance, one.address, one.notCalled], [other.instance, other.address, other.notCalled]);
    }),
  );
});

test("an instance at another place is another, though it says nothing else", () => {
  assert.ok(nodes.isSame(made(usual), made({ ...usual })));
  for (const moved of [{ address: "10.0.0.2" }, { port: 81 }]) {
    assert.ok(!nodes.isSame(made(usual), made({ ...usual, ...moved })));
  }
});

test("an instance without the tags that are wanted is not called for that, were it disabled, too", () => {
  const tagged = new CuratorNodes({ ...how, tags: ["blue"] });
  assert.equal(made({ ...usual, enabled: false }, tagged).notCalled, "untagged");
  assert.equal(made({ ...usual, payload: { tags: ["blue"] } }, tagged).notCalled, undefined);
});

test("data that cannot be read says why", () => {
  const read = (text: string) => nodes.read(Buffer.from(text), "i-1", "/services/users");
  assert.deepEqual(read(""), new Unreadable("it is empty"));
  assert.ok(nodes.isSame(read(""), read(" ")));
  assert.ok(!nodes.isSame(read(""), read("[]")));
  assert.ok(!nodes.isSame(read(""), made(usual)));
});

test("the few and usual instances of a service are packed, and say all that they said", () => {
  const read = (fields: object[], path = "/services/users") =>
    new Map(
      fields.map((each, n) => {
        const node = `i-${n}`;
        const text = JSON.stringify({ ...usual, sslPort: 443, id: node, ...each });
        return [node, new CuratorNodes({ ...how, port: "port" }).read(Buffer.from(text), node, path)];
      }),
    );
  const plain = (count: number) => {
    const kind = new CuratorNodes({ ...how, port: "port" });
    return new Map(
      Array.from({ length: count }, (_, n) => {
        const text = JSON.stringify({ ...usual, id: `i-${n}`, address: `10.0.0.${n}`, port: 80 + (n % 2) });
        return [`i-${n}`, kind.read(Buffer.from(text), `i-${n}`, "/services/users")];
      }),
    );
  };
  const few = plain(3);
  const packed = nodes.packed(few);
  assert.notEqual(packed, few);
  assert.deepEqual([...packed.keys()], [...few.keys()]);
  for (const [node, child] of few) {
    const kept = packed.get(node);
    assert.ok(kept && !(kept instanceof Unreadable) && !(child instanceof Unreadable));
    assert.deepEqual([kept.instance, { ...kept.address }], [child.instance, { ...child.address }]);
    assert.ok(kept.isSame(child));
  }
  assert.equal(nodes.packed(packed), packed);
  const many = plain(101);
  assert.equal(nodes.packed(many), many);
  for (const unusual of [read([{}, { enabled: false }]), read([{ payload: "x" }]), new Map()]) {
    assert.equal(nodes.packed(unusual), unusual);
  }
});
