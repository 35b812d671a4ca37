import assert from "node:assert/strict";
import { test } from "node:test";
import { SchemaError, type SchemaProblem } from "../../../src/config/plugin.ts";
import { s } from "../../../src/config/schema.ts";

function problems(input: unknown, of: { parse(input: unknown): unknown }): readonly SchemaProblem[] {
  try {
    of.parse(input);
  } catch (error) {
    if (error instanceof SchemaError) return error.problems;
    throw error;
  }
  return [];
}

test("a text keeps its letters where the file looked like a number", () => {
  const source = { textAt: () => "1.10" };
  assert.equal(s.object({ tag: s.string() }).parse({ tag: 1.1 }, source).tag, "1.10");
});

test("a text with a grammar passes on where it broke", () => {
  const rule = {
    expected: "digits",
    parse(): string {
      throw Object.assign(new Error("not a digit"), { offset: 3 });
    },
  };
  assert.deepEqual(problems("123x", s.text(rule))[0]?.offset, 3);
});
