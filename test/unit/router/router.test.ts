import assert from "node:assert/strict";
import { test } from "node:test";
import { Path } from "../../../src/naming/path.ts";
import { HeaderIdentifier } from "../../../src/plugins/identifiers/header.ts";
import { HeaderTokenIdentifier } from "../../../src/plugins/identifiers/header-token.ts";
import type { Identifier } from "../../../src/router/identifier.ts";
import { RouterBench, to } from "../../fakes/router-bench.ts";

const A = "/#/fs/a";
const prefix = Path.read("/svc");

test("a request is named, bound and answered, and the route is kept for the next one", () => {
  const bench = new RouterBench();
  bench.cluster(A).answer = 200;
  bench.name("/svc/users").tree(to(A));
  assert.equal(bench.heard(bench.send("users")), "200 end");
  assert.equal(bench.heard(bench.send("users")), "200 end");
  assert.deepEqual(bench.binds, [" /svc/users"]);
});

test("a request that no identifier knows is 400 with the last reason", () => {
  const identifiers = [new HeaderIdentifier("l5d-name", prefix), new HeaderTokenIdentifier("Host", prefix)];
  const bench = new RouterBench({ router: { identifiers } });
  const x = bench.send(undefined);
  assert.equal(bench.heard(x), "request.unidentified end");
  assert.equal(x.response.status, 400);
  assert.equal(x.response.headers.get("l5d-err"), "Unknown+destination%3A+Host+header+is+absent");
  assert.equal(x.response.headers.get("linkspan-code"), "request.unidentified");
});

test("a request that an identifier may know later is 503 with its reason, whichever is asked after it", () => {
  const waiting: Identifier = { key: () => undefined, path: () => prefix, reason: "nothing said yet", isWaiting: true };
  const bench = new RouterBench({ router: { identifiers: [waiting, new HeaderTokenIdentifier("Host", prefix)] } });
  const x = bench.send(undefined);
  assert.equal(bench.heard(x), "name.unavailable end");
  assert.equal(x.response.status, 503);
  assert.equal(x.response.headers.get("l5d-err"), "Unknown+destination%3A+nothing+said+yet");
  bench.send("users");
  assert.deepEqual(bench.binds, [" /svc/users"]);
});

test("identifiers are tried in order; one that cannot read what it found ends the search", () => {
  const identifiers = [new HeaderIdentifier("l5d-name", prefix), new HeaderTokenIdentifier("Host", prefix)];
  const bench = new RouterBench({ router: { identifiers } });
  bench.send("users", [["l5d-name", "/a/b"]]);
  bench.send("users");
  assert.deepEqual(bench.binds, [" /svc/a/b", " /svc/users"]);
  assert.equal(bench.heard(bench.send("users", [["l5d-name", "no path"]])), "request.unidentified end");
  assert.equal(bench.binds.length, 2);
});

test("names that two identifiers find are never taken for each other", () => {
  const identifiers = [new HeaderTokenIdentifier("x-a", prefix), new HeaderTokenIdentifier("Host", Path.read("/h"))];
  const bench = new RouterBench({ router: { identifiers } });
  bench.send("users");
  bench.send(undefined, [["x-a", "users"]]);
  bench.send(undefined, [["x-a", "1 users"]]);
  assert.deepEqual(bench.binds, [" /h/users", " /svc/users", " /svc/\\x31\\x20\\x75\\x73\\x65\\x72\\x73"]);
});

test("a request's own dtab makes a route of its own, and goes on as l5d-ctx-dtab with the caller's entries last", () => {
  const bench = new RouterBench();
  bench.name("/svc/users").tree(to(A));
  const x = bench.send("users", [
    ["l5d-dtab", "/b=>/c"],
    ["l5d-ctx-dtab", "/a => /b;"],
  ]);
  bench.send("users");
  bench.send("users", [["L5d-Dtab", "/b=>/c"]]);
  bench.send("users", [["l5d-dtab", "/b=>/c"]]);
  assert.deepEqual(bench.binds, ["/a=>/b;/b=>/c /svc/users", " /svc/users", "/b=>/c /svc/users"]);
  assert.equal(x.request.headers.get("l5d-ctx-dtab"), "/a=>/b;/b=>/c");
  assert.equal(x.request.headers.get("l5d-dtab"), undefined);
});

test("a dtab that cannot be read is 400, and no route is made", () => {
  const bench = new RouterBench();
  const x = bench.send("users", [["l5d-dtab", "/a=>"]]);
  assert.equal(bench.heard(x), "request.malformed end");
  assert.equal(x.response.status, 400);
  assert.equal(bench.router.view().routes.length, 0);
});

test("what is thrown while a route is made is a bug and 500, not the end of the process", () => {
  const bench = new RouterBench({
    router: {
      service: () => {
        throw new Error("boom");
      },
    },
  });
  assert.equal(bench.heard(bench.send("users")), "internal end");
  assert.equal(bench.bugs.length, 1);
});

test("the view has each route with its numbers and its clusters", () => {
  const bench = new RouterBench();
  bench.name("/svc/users").tree(to(A));
  bench.send("users");
  bench.clock.advance(10);
  bench.cluster(A).end(200);
  bench.send("users", [], "POST");
  bench.cluster(A).end(503);
  bench.send("nobody");
  const [users, nobody] = bench.router.view().routes;
  assert.equal(users?.path, "/svc/users");
  assert.equal(users.state, "ok");
  assert.equal(users.tree, A);
  assert.deepEqual(users.clusters, [A]);
  assert.deepEqual([users.requests, users.success, users.failures, users.pending], [2, 1, 1, 0]);
  assert.ok(users.p99Ms >= 9 && users.p99Ms <= 11, String(users.p99Ms));
  assert.deepEqual([nobody?.path, nobody?.state, nobody?.parked, nobody?.pending], ["/svc/nobody", "pending", 1, 1]);
});

test("closing a router lets go of all names, clusters, timers and series", async () => {
  const bench = new RouterBench({ service: { totalTimeoutMs: 1000 } });
  bench.name("/svc/users").tree(to(A));
  bench.send("users");
  const x = bench.send("pending");
  bench.cluster(A).end(200);
  await bench.router[Symbol.asyncDispose]();
  await bench.tier[Symbol.asyncDispose]();
  assert.equal(bench.heard(x), "name.unavailable end");
  assert.equal(bench.cluster(A).leases, 0);
  assert.equal(bench.name("/svc/users").observers, 0);
  assert.equal(bench.clock.waiting, 0);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(bench.metrics.families(), []);
});

test("routes that were called since somebody asked are told with who called them, once, and none that is closed", () => {
  const bench = new RouterBench({ router: { maxRoutes: 3 } });
  bench.cluster(A).answer = 200;
  for (const host of ["a", "b", "c"]) {
    bench.name(`/svc/${host}`).tree(to(A));
    bench.send(host);
  }
  const called = (count: number) => bench.router.bound({ called: count }).routes.map(({ name }) => name);
  assert.deepEqual(called(2), ["/svc/a", "/svc/b"]);
  bench.send("a");
  assert.deepEqual(called(5), ["/svc/c", "/svc/a"]);
  assert.deepEqual(called(5), []);
  bench.send("b");
  bench.clock.advance(1);
  bench.send("c");
  bench.send("a");
  // The one that was idle longest makes room.
  bench.name("/svc/d").tree(to(A));
  bench.send("d");
  assert.deepEqual(called(5), ["/svc/c", "/svc/a", "/svc/d"]);
  assert.deepEqual(bench.router.bound({ from: 1, count: 1 }).routes, [{ name: "/svc/c", clusters: [A] }]);
});
