import assert from "node:assert/strict";
import { test } from "node:test";
import { SchemaError, type SchemaProblem } from "../../../src/config/plugin.ts";
import { s, type Infer } from "../../../src/config/schema.ts";

const schema = s.object({
  host: s.string({ doc: "Where it is." }),
  port: s.port({ doc: "Its port.", default: 2181 }),
  ratio: s.number({ min: 0, max: 1, default: 0.5 }),
  mode: s.oneOf(["fast", "safe"], { default: "safe" }),
  wait: s.duration({ default: "2s" }),
  limit: s.size({ default: "16KiB" }),
  on: s.boolean({ default: false }),
  tags: s.list(s.string(), { default: [] }),
  zone: s.optional(s.string()),
  pool: s.object({ min: s.integer({ default: 0 }), max: s.integer({ default: 9 }) }),
});

type Parsed = Infer<typeof schema>;

const typed: Parsed = {
  host: "zk1",
  port: 2181,
  ratio: 0.5,
  mode: "safe",
  wait: 2000,
  limit: 16_384,
  on: false,
  tags: [],
  pool: { min: 0, max: 9 },
};

function problems(input: unknown, of = schema as { parse(input: unknown): unknown }): readonly SchemaProblem[] {
  try {
    of.parse(input);
  } catch (error) {
    if (error instanceof SchemaError) return error.problems;
    throw error;
  }
  return [];
}

test("a schema applies every default, of nested objects too", () => {
  assert.deepEqual(schema.parse({ host: "zk1" }), typed);
});

test("a schema takes null for absent", () => {
  assert.deepEqual(schema.parse({ host: "zk1", port: null, pool: null, zone: null }), typed);
});

test("a schema finds all problems at once, each with its place", () => {
  const found = problems({ prot: 1, port: "4140", ratio: 2, mode: "sfae", wait: "2", tags: "a", pool: { mix: 1 } });
  assert.deepEqual(
    found.map((problem) => [problem.at.join("."), problem.nearest ?? problem.expected]),
    [
      ["prot", "port"],
      ["", "a text"],
      ["port", "a whole number from 0 to 65535"],
      ["ratio", "a number from 0 to 1"],
      ["mode", "safe"],
      ["wait", "a duration with its unit, such as 2s or 500ms"],
      ["tags", "a list"],
      ["pool.mix", "min"],
    ],
  );
});

test("an unknown key is a problem of the key, not of its value", () => {
  assert.deepEqual(problems({ host: "a", prot: 1 }), [
    {
      at: ["prot"],
      key: true,
      code: "key.unknown",
      message: "unknown key `prot`",
      expected: "one of host, port, ratio, mode, wait, limit, on, tags, zone, pool",
      received: "prot",
      nearest: "port",
    },
  ]);
});

test("a schema describes itself as JSON Schema", () => {
  const small = s.object({
    a: s.integer({ doc: "A number.", min: 1, default: 2 }),
    b: s.string(),
    c: s.optional(s.ip()),
  });
  assert.deepEqual(small.json, {
    type: "object",
    properties: {
      a: { type: "integer", minimum: 1, description: "A number.", default: 2 },
      b: { type: "string" },
      c: { type: "string" },
    },
    required: ["b"],
    additionalProperties: false,
  });
});
