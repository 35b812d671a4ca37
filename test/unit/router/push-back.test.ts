import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderList } from "../../../src/http/header-list.ts";
import { NEVER, pushBackOf } from "../../../src/router/push-back.ts";

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);

const asked: readonly (readonly [string, string, number])[] = [
  ["retry-after", "2", 2000],
  ["retry-after", "0", 0],
  ["Retry-After", "Thu, 01 Jan 2026 12:00:30 GMT", 30_000],
  ["retry-after", "Thu, 01 Jan 2026 11:00:00 GMT", 0],
  ["retry-after", "soon", 0],
  ["grpc-retry-pushback-ms", "250", 250],
  ["grpc-retry-pushback-ms", "-1", NEVER],
  ["grpc-retry-pushback-ms", "later", NEVER],
  ["x-other", "9", 0],
];

for (const [name, value, ms] of asked) {
  test(`${name}: ${value} asks for ${ms} ms`, () => {
    assert.equal(pushBackOf(HeaderList.of([[name, value]]), NOW), ms);
  });
}

test("what gRPC has in its place goes first", () => {
  const headers = HeaderList.of([
    ["retry-after", "5"],
    ["grpc-retry-pushback-ms", "100"],
  ]);
  assert.equal(pushBackOf(headers, NOW), 100);
});
