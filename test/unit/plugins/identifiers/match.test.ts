import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SchemaError } from "../../../../src/config/plugin.ts";
import { type Exchange, Layout } from "../../../../src/http/exchange.ts";
import match from "../../../../src/plugins/identifiers/match.ts";
import { MatchRule } from "../../../../src/plugins/identifiers/match-rule.ts";
import { testContext } from "../../../../src/testing/index.ts";
import { exchangeOf } from "../../../fakes/router-bench.ts";

interface Request {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
}

function request({ method = "GET", target = "/", headers = {} }: Request): Exchange {
  const lines = Array.isArray(headers) ? headers : Object.entries(headers);
  const x = exchangeOf(new Layout(), lines, method);
  x.request.target = target;
  return x;
}

async function identifier(...routes: readonly object[]) {
  const made = await match.create(match.schema.parse({ routes }), testContext());
  return (given: Request): string => {
    const x = request(given);
    const key = made.key(x);
    assert.equal(made.key(x), key);
    return key === undefined ? `not: ${made.reason}` : made.path(x).show;
  };
}

const of = (host: string, more: Omit<Request, "headers"> = {}): Request => ({ ...more, headers: { Host: host } });

/** `at: message` of each mistake. */
function mistakes(...routes: readonly object[]): readonly string[] {
  try {
    match.schema.parse({ routes });
    return [];
  } catch (error) {
    assert.ok(error instanceof SchemaError);
    return error.problems.map(({ at, message }) => `${at.join(".")}: ${message}`);
  }
}

test("the first route that matches names the request, whichever host it is for", async () => {
  const name = await identifier(
    { route: "new", host: "users", path: "/v2/" },
    { route: "health", path: "/health" },
    { route: "users", host: "users" },
    { route: "rest" },
  );
  assert.equal(name(of("users", { target: "/v2/x" })), "/svc/new");
  assert.equal(name(of("users", { target: "/v1/x" })), "/svc/users");
  assert.equal(name(of("users", { target: "/health?full" })), "/svc/health");
  assert.equal(name(of("others", { target: "/health" })), "/svc/health");
  assert.equal(name(of("others", { target: "/v2/x" })), "/svc/rest");
  assert.equal(name({}), "/svc/rest");
});

test("a host is known in any case and with any port, a host of its own kind of address too", async () => {
  const name = await identifier({ route: "users", host: "Users.Example" }, { route: "six", host: "[::1]" });
  for (const host of ["users.example", "USERS.example:80", "users.example:4140"]) {
    assert.equal(name(of(host)), "/svc/users", host);
  }
  assert.equal(name(of("[::1]:8080")), "/svc/six");
  assert.equal(name(of("users")), "not: no route matches the request");
  assert.equal(name({}), "not: no route matches the request");
});

test("no caller can make it remember more than some hundred ways to write a host", async () => {
  const name = await identifier({ route: "users", host: "users" });
  for (let port = 1; port <= 2000; port++) assert.equal(name(of(`users:${port}`)), "/svc/users");
});

test("a path matches by whole segments, and without the query", async () => {
  const name = await identifier({ route: "a", path: "/v2" }, { route: "b", path: "/v3/" });
  const named = (target: string): string => name(of("h", { target }));
  for (const target of ["/v2", "/v2/", "/v2/x", "/v2?x=/v3/"]) assert.equal(named(target), "/svc/a", target);
  for (const target of ["/v3/", "/v3/x", "/v3/?q"]) assert.equal(named(target), "/svc/b", target);
  for (const target of ["/v20", "/v3", "/V2", "/x/v2", "*"]) assert.match(named(target), /^not/, target);
});

test("a method is compared as it stands, and may be one of several", async () => {
  const name = await identifier({ route: "read", method: ["GET", "HEAD"] }, { route: "write", method: "POST" });
  assert.equal(name(of("h", { method: "HEAD" })), "/svc/read");
  assert.equal(name(of("h", { method: "POST" })), "/svc/write");
  assert.match(name(of("h", { method: "PUT" })), /^not/);
});

test("all headers must be there, each in one of its lines, and `*` takes any value", async () => {
  const name = await identifier({ route: "canary", headers: { "X-Canary": "1", "x-user": "*" } });
  assert.equal(name({ headers: { "x-canary": "1", "X-User": "ann" } }), "/svc/canary");
  const twice = [
    ["x-canary", "0"],
    ["x-canary", "1"],
    ["x-user", ""],
  ] as const;
  assert.equal(name({ headers: twice }), "/svc/canary");
  assert.match(name({ headers: { "x-canary": "1" } }), /^not/);
  assert.match(name({ headers: { "x-canary": "2", "x-user": "ann" } }), /^not/);
});

test("a route may leave its requests the host as a second element, where they have one", async () => {
  const name = await identifier({ route: "v2", path: "/v2/", addHost: true }, { route: "rest" });
  assert.equal(name(of("Users:80", { target: "/v2/" })), "/svc/v2/users");
  assert.equal(name({ target: "/v2/" }), "/svc/rest");
  assert.equal(name(of(":80", { target: "/v2/" })), "/svc/rest");
});

test("what an earlier route takes whole is an error at the route that gets nothing", () => {
  const behind = (at: number, earlier: number): string =>
    `routes.${at}: no request comes to this route: route ${earlier} matches all that it would`;
  assert.deepEqual(mistakes({ route: "a" }, { route: "b", host: "b" }), [behind(1, 1)]);
  assert.deepEqual(mistakes({ route: "a", host: "H" }, { route: "b", host: "h", path: "/x" }), [behind(1, 1)]);
  assert.deepEqual(mistakes({ route: "a", path: "/v2" }, { route: "b", path: "/v2/" }), [behind(1, 1)]);
  assert.deepEqual(mistakes({ route: "a", path: "/v2/" }, { route: "b", path: "/v2" }), []);
  assert.deepEqual(mistakes({ route: "a", path: "/v2" }, { route: "b", path: "/v20" }), []);
  assert.deepEqual(mistakes({ route: "a", method: "GET" }, { route: "b", method: ["GET", "POST"] }), []);
  assert.deepEqual(mistakes({ route: "a", method: ["GET", "POST"] }, { route: "b", method: "GET" }), [behind(1, 1)]);
  assert.deepEqual(
    mistakes({ route: "a", headers: { x: "1" } }, { route: "b", headers: { X: "1", y: "2" } }, { route: "c" }),
    [behind(1, 1)],
  );
  assert.deepEqual(mistakes({ route: "a", headers: { x: "*" } }, { route: "b", headers: { x: "1" } }), [behind(1, 1)]);
  assert.deepEqual(mistakes({ route: "a", headers: { x: "1" } }, { route: "b", headers: { x: "*" } }), []);
});

test("a route that no request can be like is refused", () => {
  assert.match(mistakes({ route: "a", host: "a:80" }).join(), /routes.0.host: "a:80" is not a host/);
  assert.match(mistakes({ route: "a", path: "v2" }).join(), /"v2" is not the path of a request/);
  assert.match(mistakes({ route: "a", method: "get" }).join(), /"get" is not a method/);
  assert.match(mistakes({ route: "a/b" }).join(), /"a\/b" is no name of a route/);
  assert.match(mistakes().join(), /routes/);
});

const rule = fc.record(
  {
    host: fc.constantFrom("a", "b"),
    path: fc.constantFrom("/", "/v", "/v/", "/v/w"),
    method: fc.constantFrom<string | string[]>("GET", "PUT", ["GET", "PUT"]),
    headers: fc.dictionary(fc.constantFrom("x", "y"), fc.constantFrom("1", "2", "*")),
  },
  { requiredKeys: [] },
);
const requests = ["/", "/v", "/v/", "/v/w", "/v/w/x", "/vw", "/x"].flatMap((target) =>
  ["GET", "PUT", "POST"].flatMap((method) =>
    [{}, { x: "1" }, { x: "2", y: "1" }, { x: "1", y: "2" }].map((headers) => request({ method, target, headers })),
  ),
);

test("a rule covers another only if it matches all that the other matches", () => {
  fc.assert(
    fc.property(rule, rule, (first, second) => {
      const [a, b] = [new MatchRule("a", first), new MatchRule("b", second)];
      if (!a.covers(b)) return;
      for (const x of requests) if (b.matches(x)) assert.ok(a.matches(x), `${x.request.method} ${x.request.target}`);
    }),
  );
});
