import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { JuteError, JuteReader, JuteWriter } from "../../../../namers/zookeeper/jute.ts";

const value = fc.oneof(
  fc.record({ kind: fc.constant("int" as const), value: fc.integer() }),
  fc.record({ kind: fc.constant("long" as const), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
  fc.record({ kind: fc.constant("boolean" as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant("string" as const), value: fc.string({ unit: "grapheme" }) }),
  fc.record({ kind: fc.constant("buffer" as const), value: fc.option(fc.uint8Array(), { nil: undefined }) }),
  fc.record({ kind: fc.constant("vector" as const), value: fc.array(fc.string({ unit: "grapheme" })) }),
);

test("what is written is read back, whatever it is", () => {
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const writer = new JuteWriter(1);
      for (const each of values) {
        if (each.kind === "vector") writer.vector(each.value, (text) => writer.string(text));
        else (writer[each.kind] as (value: unknown) => void).call(writer, each.value);
      }
      const reader = new JuteReader(writer.done());
      for (const each of values) {
        if (each.kind === "vector")
          assert.deepEqual(
            reader.vector(() => reader.string()),
            each.value,
          );
        else if (each.kind === "buffer") assert.deepEqual(reader.buffer(), each.value && Buffer.from(each.value));
        else assert.equal(reader[each.kind](), each.value);
      }
      assert.equal(reader.remaining, 0);
    }),
  );
});

test("the bytes are those of ZooKeeper's own serialisation", () => {
  const bytes = new JuteWriter().int(-2).long(1n).boolean(true).string("é").buffer(undefined).done();
  assert.equal(bytes.toString("hex"), "fffffffe00000000000000010100000002c3a9ffffffff");
});

test("bytes that are no record are a JuteError, and never more than that", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(fc.constantFrom("int", "long", "boolean", "string", "buffer")),
      (bytes, kinds) => {
        const reader = new JuteReader(Buffer.from(bytes));
        try {
          for (const kind of kinds) reader[kind as "int"]();
          reader.vector(() => reader.string());
        } catch (error) {
          assert.ok(error instanceof JuteError, String(error));
        }
      },
    ),
  );
});

test("a vector that claims more elements than there are bytes is refused before anything is made of it", () => {
  const bytes = new JuteWriter().int(0x7fff_ffff).int(0).done();
  assert.throws(() => new JuteReader(bytes).vector(() => 0), /a vector of 2147483647 in 4 bytes/);
});
