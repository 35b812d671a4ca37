import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout } from "../../../src/http/exchange.ts";
import { type RequestMatch, RequestMatcher } from "../../../src/http/request-matcher.ts";
import { exchangeOf } from "../../fakes/router-bench.ts";

function matches(match: RequestMatch, method: string, target: string, fields: Record<string, string> = {}): boolean {
  const x = exchangeOf(new Layout(), Object.entries(fields), method);
  x.request.target = target;
  return new RequestMatcher(match).matches(x);
}

test("what is not said matches every request", () => {
  assert.equal(matches({}, "GET", "/"), true);
  assert.equal(matches({}, "OPTIONS", "*"), true);
});

test("a host is matched without its port and in any case; a request without one has none", () => {
  const match = { host: "users" };
  assert.equal(matches(match, "GET", "/", { Host: "users" }), true);
  assert.equal(matches(match, "GET", "/", { Host: "Users:8080" }), true);
  assert.equal(matches(match, "GET", "/", { Host: "orders" }), false);
  assert.equal(matches(match, "GET", "/"), false);
});

test("a path is itself and what is below it; with a slash at its end only what is below", () => {
  for (const [path, target, expected] of [
    ["/v2", "/v2", true],
    ["/v2", "/v2/users?a=b", true],
    ["/v2", "/v2?a=b", true],
    ["/v2", "/v20", false],
    ["/v2/", "/v2", false],
    ["/v2/", "/v2/a", true],
  ] as const) {
    assert.equal(matches({ path }, "GET", target), expected, `${path} ${target}`);
  }
});

test("of several methods one must be the request's; all headers must be there, with their value or any", () => {
  assert.equal(matches({ method: ["GET", "PUT"] }, "PUT", "/"), true);
  assert.equal(matches({ method: "GET" }, "PUT", "/"), false);
  const headers = { "X-Canary": "1", "x-any": "*" };
  assert.equal(matches({ headers }, "GET", "/", { "x-canary": "1", "X-Any": "whatever" }), true);
  assert.equal(matches({ headers }, "GET", "/", { "x-canary": "2", "x-any": "whatever" }), false);
  assert.equal(matches({ headers }, "GET", "/", { "x-canary": "1" }), false);
});
