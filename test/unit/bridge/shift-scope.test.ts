import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { coversHost, coversRouter, mayMeet, readScope, type ShiftScope } from "../../../src/bridge/shift-scope.ts";
import { showScope } from "../../../src/bridge/shift-scope-text.ts";

const names = fc.uniqueArray(fc.constantFrom("web-1", "web-2", "canary-1", "canary-2", "db"), { minLength: 1 });
const scopes: fc.Arbitrary<ShiftScope> = fc.record(
  {
    routers: fc.uniqueArray(fc.constantFrom("http", "grpc"), { minLength: 1 }),
    hosts: fc.oneof(names, fc.constantFrom(["web-*"], ["*"], ["*-1", "db"])),
    hostShare: fc.integer({ min: 1, max: 100 }),
    zones: fc.uniqueArray(fc.constantFrom("a", "b"), { minLength: 1 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

test("everyone is in a scope of which nothing is said", () => {
  for (const input of [undefined, "all", {}]) {
    const scope = readScope(input);
    assert.ok(coversRouter(scope, "http") && coversHost(scope, "users", { name: "web-1" }));
    assert.equal(showScope(scope), "");
  }
});

test("hosts are told by their names in any case, and by what the names have in common", () => {
  const isIn = (hosts: readonly string[], name: string): boolean => coversHost({ hosts }, "users", { name });
  assert.ok(isIn(["WEB-1"], "web-1"));
  assert.ok(isIn(["canary-*.example", "db"], "canary-7.example"));
  assert.ok(isIn(["*-eu-*-7"], "web-eu-west-7"));
  for (const other of ["web-10", "eu-7", "web-eu-7"]) assert.equal(isIn(["*-eu-*-7", "web-1"], other), false, other);
  assert.equal(isIn(["a*a"], "a"), false);
});

test("a share of the hosts is that share, the same ones each time, and others for another shift", () => {
  const hosts = Array.from({ length: 2_000 }, (_, at) => `host-${at}.example`);
  const chosen = (shift: string, hostShare: number): readonly string[] =>
    hosts.filter((name) => coversHost({ hostShare }, shift, { name }));
  const five = chosen("users", 5);
  assert.ok(five.length > 60 && five.length < 140, `${five.length} of 2000`);
  assert.deepEqual(chosen("users", 5), five);
  assert.ok(
    five.every((name) => chosen("users", 50).includes(name)),
    "a larger share has the smaller one",
  );
  assert.notDeepEqual(chosen("orders", 5), five);
  assert.equal(chosen("users", 100).length, hosts.length);
});

test("a host that does not know its zone is in none", () => {
  assert.equal(coversHost({ zones: ["a"] }, "users", { name: "web-1" }), false);
  assert.equal(coversHost({ zones: ["a"] }, "users", { name: "web-1", zone: "b" }), false);
  assert.equal(coversHost({ zones: ["b", "a"] }, "users", { name: "web-1", zone: "a" }), true);
});

test("two scopes that some caller is in are never told apart", () => {
  fc.assert(
    fc.property(
      scopes,
      scopes,
      fc.constantFrom("web-1", "canary-2", "db"),
      fc.constantFrom("a", "b"),
      (a, b, name, zone) => {
        const isInBoth = [a, b].every(
          (scope) => coversRouter(scope, "http") && coversHost(scope, "users", { name, zone }),
        );
        if (isInBoth) assert.ok(mayMeet(a, b), `${showScope(a)} and ${showScope(b)}`);
      },
    ),
  );
  assert.equal(mayMeet({ hosts: ["a"] }, { hosts: ["b"] }), false);
  assert.equal(mayMeet({ routers: ["http"] }, { routers: ["grpc"] }), false);
  assert.equal(mayMeet({ zones: ["a"] }, { zones: ["b"] }), false);
});

test("a scope is read as it was written, and what is no scope says what would be one", () => {
  fc.assert(fc.property(scopes, (scope) => assert.deepEqual(readScope(JSON.parse(JSON.stringify(scope))), scope)));
  assert.throws(() => readScope({ headers: ["x-canary: 1"] }), /`scope` knows no headers.*a route of their own/);
  assert.throws(() => readScope({ pod: ["a"] }), /has no pod: it is of routers, hosts and zones/);
});
