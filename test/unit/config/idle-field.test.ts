import assert from "node:assert/strict";
import { test } from "node:test";
import { SchemaError, type SchemaProblem } from "../../../src/config/plugin.ts";
import { s } from "../../../src/config/schema.ts";

const schema = s.object({
  level: s.idle(s.integer({ min: 0, default: 5 }), "nothing is levelled"),
  sockets: s.idle(s.object({ fast: s.boolean({ default: true }) }), "they are what they are"),
});

function warningsOf(input: object): readonly string[] {
  const warnings: SchemaProblem[] = [];
  schema.parse(input, { warn: (problem) => void warnings.push(problem) });
  return warnings.map(({ code, message }) => `${code} ${message}`);
}

test("a key without effect says why, unless it says what holds in any case", () => {
  assert.deepEqual(warningsOf({ level: 4 }), ["key.idle `level` has no effect: nothing is levelled"]);
  assert.deepEqual(warningsOf({ level: 5 }), []);
  assert.deepEqual(warningsOf({}), []);
  assert.deepEqual(warningsOf({ sockets: {} }), ["key.idle `sockets` has no effect: they are what they are"]);
});

test("it is read in full all the same: what cannot stand there is a mistake", () => {
  for (const input of [{ level: -1 }, { level: "many" }, { sockets: { slow: true } }]) {
    assert.throws(() => schema.parse(input), SchemaError, JSON.stringify(input));
  }
});

test("the reference and editors are told why, and that it is there for old files only", () => {
  const { json } = s.idle(s.integer({ doc: "The level." }), "nothing is levelled");
  assert.deepEqual(json, {
    type: "integer",
    deprecated: true,
    description: "Read, and without effect: nothing is levelled.",
  });
});
