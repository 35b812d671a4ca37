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
      message: "unknown key `prot`",
      expected: "one of host, port, ratio, mode, wait, limit, on, tags, zone, pool",
      received: "prot",
      nearest: "port",
    },
  ]);
});

test("a text keeps its letters where the file looked like a number", () => {
  const source = { textAt: () => "1.10" };
  assert.equal(s.object({ tag: s.string() }).parse({ tag: 1.1 }, source).tag, "1.10");
});

test("a key may be refused or ignored by name", () => {
  const strict = s.object(
    { a: s.integer({ default: 1 }) },
    { refused: { tls: "no TLS" }, ignored: { b: "b is ignored" } },
  );
  const warnings: string[] = [];
  assert.deepEqual(strict.parse({ b: 1 }, { warn: (problem) => void warnings.push(problem.message) }), { a: 1 });
  assert.deepEqual(warnings, ["b is ignored"]);
  assert.equal(problems({ tls: {} }, strict)[0]?.message, "no TLS");
});

test("one of several shapes is chosen by what is there", () => {
  const listen = s.either([s.port(), s.object({ http: s.port() })]);
  assert.equal(listen.parse(4140), 4140);
  assert.deepEqual(listen.parse({ http: 4142 }), { http: 4142 });
  assert.equal(problems([], listen)[0]?.received, "an empty list");
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

test("a record takes any key and checks each value", () => {
  const weights = s.record(s.integer({ min: 0 }));
  assert.deepEqual(weights.parse({ x: 1, y: 2 }), { x: 1, y: 2 });
  assert.deepEqual(problems({ x: -1 }, weights)[0]?.at, ["x"]);
});
