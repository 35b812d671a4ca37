import assert from "node:assert/strict";
import { test } from "node:test";
import { SchemaError } from "../../../src/config/plugin.ts";
import { ProtocolField } from "../../../src/config/protocol-field.ts";
import { s } from "../../../src/config/schema.ts";

const router = new ProtocolField(
  { http: s.object({ lines: s.integer({ default: 4 }) }), h2: s.object({ frames: s.integer() }) },
  { refused: { mux: "mux is not in this version" } },
);

function messageOf(input: unknown): string {
  try {
    router.parse(input);
    return "";
  } catch (error) {
    return error instanceof SchemaError ? error.message : String(error);
  }
}

test("the protocol chooses what else is read", () => {
  assert.deepEqual(router.parse({ protocol: "http" }), { protocol: "http", lines: 4 });
  assert.deepEqual(router.parse({ protocol: "h2", frames: 2 }), { protocol: "h2", frames: 2 });
  assert.match(messageOf({ protocol: "h2", frames: 2, lines: 1 }), /unknown key `lines`/);
});

test("a protocol that is missing, unknown or refused is one sentence each", () => {
  assert.equal(messageOf({ lines: 2 }), "`protocol` is missing");
  assert.equal(messageOf({ protocol: "h3" }), '`protocol` is the text "h3"');
  assert.equal(messageOf({ protocol: "mux" }), "mux is not in this version");
  assert.match(messageOf("http"), /this is the text "http"/);
});

test("the JSON Schema has one mapping for each protocol", () => {
  const { anyOf } = router.json as { anyOf: readonly { properties: object; required: readonly string[] }[] };
  assert.deepEqual(
    anyOf.map(({ properties, required }) => [Object.keys(properties), required]),
    [
      [["protocol", "lines"], ["protocol"]],
      [
        ["protocol", "frames"],
        ["protocol", "frames"],
      ],
    ],
  );
});
