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

test("a key may be refused by name", () => {
  const strict = s.object({ a: s.integer({ default: 1 }) }, { refused: { tls: "no TLS" } });
  assert.deepEqual(strict.parse({}), { a: 1 });
  assert.equal(problems({ tls: {} }, strict)[0]?.message, "no TLS");
});

test("what the fields are to each other may be a mistake, or only a warning", () => {
  const warnings: SchemaProblem[] = [];
  const message = "b says nothing without a";
  const lax = s.object(
    { a: s.boolean({ default: false }), b: s.integer({ default: 0 }) },
    { check: ({ a, b }) => (!a && b > 0 ? [{ at: ["b"], severity: "warning", message }] : []) },
  );
  const schema = s.object({ inner: lax });
  assert.deepEqual(schema.parse({ inner: { b: 1 } }, { warn: (problem) => void warnings.push(problem) }), {
    inner: { a: false, b: 1 },
  });
  assert.deepEqual(
    warnings.map((each) => [each.message, each.at]),
    [[message, ["inner", "b"]]],
  );
});

test("one of several shapes is chosen by what is there", () => {
  const listen = s.either([s.port(), s.object({ http: s.port() })]);
  assert.equal(listen.parse(4140), 4140);
  assert.deepEqual(listen.parse({ http: 4142 }), { http: 4142 });
  assert.equal(problems([], listen)[0]?.received, "an empty list");
});

test("a record takes any key and checks each value", () => {
  const weights = s.record(s.integer({ min: 0 }));
  assert.deepEqual(weights.parse({ x: 1, y: 2 }), { x: 1, y: 2 });
  assert.deepEqual(problems({ x: -1 }, weights)[0]?.at, ["x"]);
});
