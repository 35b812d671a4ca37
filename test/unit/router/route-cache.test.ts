import assert from "node:assert/strict";
import { test } from "node:test";
import { neg, RouterBench, to } from "../../fakes/router-bench.ts";

const A = "/#/fs/a";

/** Every name is unknown at first, as those are that callers make up. */
function unknownNames(bench: RouterBench, host: string): void {
  bench.name(`/svc/${host}`).tree(neg);
  assert.equal(bench.heard(bench.send(host)), "name.negative end");
  bench.hearer.heard.clear();
  bench.names.delete(`/svc/${host}`);
}

test("100,000 made-up hosts leave the cache at its capacity, and the names in use where they were", () => {
  const bench = new RouterBench({ router: { maxRoutes: 100 } });
  bench.cluster(A).answer = 200;
  bench.name("/svc/users").tree(to(A));
  bench.send("users");
  const { binds } = bench;
  for (let n = 0; n < 100_000; n++) {
    unknownNames(bench, `h${n}`);
    if (n % 1000 === 0) binds.length = 0;
  }
  const before = binds.length;
  assert.equal(bench.heard(bench.send("users")), "200 end");
  assert.equal(binds.length, before, "the route of users was made again");
  assert.equal(bench.router.view().routes.length, 100);
  const requests = bench.metrics.families().find((family) => family.spec.name === "linkspan_requests_total");
  const services = new Set(requests?.series.map((series) => series.labels["service"]));
  assert.deepEqual(services, new Set(["unbound", "/svc/users"]));
});

test("of names that lead somewhere the one goes that was idle longest", () => {
  const bench = new RouterBench({ router: { maxRoutes: 2 } });
  bench.cluster(A).answer = 200;
  for (const host of ["a", "b", "a", "c"]) {
    bench.name(`/svc/${host}`).tree(to(A));
    bench.send(host);
    bench.clock.advance(1);
  }
  assert.deepEqual(
    bench.router.view().routes.map((route) => route.path),
    ["/svc/a", "/svc/c"],
  );
  assert.equal(bench.router.view().cache.evicts, 1);
  assert.equal(bench.name("/svc/b").observers, 0);
});

test("where all routes are busy one is made for a single use, and closed after it", () => {
  const bench = new RouterBench({ router: { maxRoutes: 1 } });
  bench.name("/svc/a").tree(to(A));
  bench.name("/svc/b").tree(to("/#/fs/b"));
  bench.send("a");
  const once = bench.send("b");
  assert.equal(bench.router.view().cache.oneshots, 1);
  bench.cluster("/#/fs/b").end(200);
  assert.equal(bench.heard(once), "200 end");
  assert.equal(bench.name("/svc/b").observers, 0);
  assert.deepEqual(
    bench.router.view().routes.map((route) => route.path),
    ["/svc/a"],
  );
});

test("a route that nobody used for the idle time goes; one with an exchange in flight stays", () => {
  const bench = new RouterBench();
  bench.cluster(A).answer = 200;
  bench.name("/svc/a").tree(to(A));
  bench.name("/svc/b").tree(to("/#/fs/b"));
  bench.send("a");
  const long = bench.send("b");
  bench.clock.advance(1_200_000);
  assert.deepEqual(
    bench.router.view().routes.map((route) => route.path),
    ["/svc/b"],
  );
  assert.equal(bench.cluster(A).leases, 0);
  bench.cluster("/#/fs/b").end(200);
  assert.equal(bench.heard(long), "200 end");
  bench.clock.advance(1_200_000);
  assert.equal(bench.router.view().routes.length, 0);
  assert.equal(bench.clock.waiting, 0);
});

test("a router that is retired closes what is idle at once, and the rest when its last exchange has ended", async () => {
  const bench = new RouterBench();
  bench.cluster(A).answer = 200;
  for (const host of ["idle", "busy"]) bench.name(`/svc/${host}`).tree(to(A));
  bench.send("idle");
  bench.cluster(A).answer = undefined;
  const busy = bench.send("busy");
  let isOver = false;
  void bench.router.retire().then(() => (isOver = true));
  assert.deepEqual([bench.name("/svc/idle").observers, bench.name("/svc/busy").observers], [0, 1]);
  await Promise.resolve();
  assert.equal(isOver, false);
  bench.cluster(A).end();
  assert.equal(bench.heard(busy), "200 end");
  await Promise.resolve();
  assert.deepEqual([isOver, bench.name("/svc/busy").observers], [true, 0]);
});
