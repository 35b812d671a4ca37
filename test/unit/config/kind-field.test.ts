import assert from "node:assert/strict";
import { test } from "node:test";
import { SchemaError } from "../../../src/config/plugin.ts";
import { s } from "../../../src/config/schema.ts";

const shape = s.kinds(
  { circle: s.object({ radius: s.number({ min: 0 }) }), dot: s.object({}) },
  { refused: { cube: "cubes are not in this version" } },
);

function messageOf(input: unknown): string {
  try {
    shape.parse(input);
    return "";
  } catch (error) {
    return error instanceof SchemaError ? error.message : String(error);
  }
}

test("the kind chooses what else is read", () => {
  assert.deepEqual(shape.parse({ kind: "circle", radius: 2 }), { kind: "circle", radius: 2 });
  assert.deepEqual(shape.parse({ kind: "dot" }), { kind: "dot" });
  assert.match(messageOf({ kind: "dot", radius: 2 }), /unknown key `radius`/);
});

test("a kind that is missing, unknown or refused is one sentence each", () => {
  assert.match(messageOf({ radius: 2 }), /`kind` is missing/);
  assert.match(messageOf({ kind: "cirlce" }), /unknown kind `cirlce`/);
  assert.match(messageOf({ kind: "cir\ncle\u2028" }), /unknown kind `cir\\u000acle\\u2028`/);
  assert.equal(messageOf({ kind: "cube" }), "cubes are not in this version");
});

test("a backoff is constant or jittered, and its bounds are in order", () => {
  const backoff = s.backoff();
  assert.deepEqual(backoff.parse({ kind: "constant" }), { kind: "constant", ms: 0 });
  assert.deepEqual(backoff.parse({ kind: "jittered", minMs: 1, maxMs: 2 }), { kind: "jittered", minMs: 1, maxMs: 2 });
  assert.throws(() => backoff.parse({ kind: "jittered", minMs: 3, maxMs: 2 }), SchemaError);
});
