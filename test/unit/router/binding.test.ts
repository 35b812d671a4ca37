import assert from "node:assert/strict";
import { test } from "node:test";
import { failed } from "../../../src/base/var.ts";
import { empty, fail } from "../../../src/naming/name-tree.ts";
import { alt, bound, leaf, neg, RouterBench, to, union } from "../../fakes/router-bench.ts";

const A = "/#/fs/a";
const B = "/#/fs/b";

test("exchanges wait while the name is pending, and go on in order when it is bound", () => {
  const bench = new RouterBench();
  const first = bench.send("users");
  const second = bench.send("users");
  assert.equal(bench.heard(first), "");
  bench.name("/svc/users").tree(to(A));
  assert.deepEqual(bench.cluster(A).held, [first, second]);
  bench.cluster(A).end(200);
  assert.equal(bench.heard(first), "200 end");
});

test("an exchange that waits for longer than the binding timeout is answered with the name that it waited for", () => {
  const bench = new RouterBench();
  const x = bench.send("users");
  bench.clock.advance(9_999);
  assert.equal(bench.heard(x), "");
  bench.clock.advance(1);
  assert.equal(bench.heard(x), "name.timeout end");
  assert.equal(x.response.status, 503);
  assert.equal(x.failure?.message, "Exceeded 10.seconds binding timeout while resolving name: /svc/users");
});

test("no more exchanges wait for a name than the route allows", () => {
  const bench = new RouterBench({ router: { maxPending: 2 } });
  bench.send("users");
  bench.send("users");
  assert.equal(bench.heard(bench.send("users")), "cluster.overloaded end");
});

test("while a name failed and was never known, exchanges fail at once with the cause; a later success recovers", () => {
  const bench = new RouterBench();
  const waiting = bench.send("users");
  bench.name("/svc/users").tell(failed(new Error("zk1:2181 refused")));
  assert.equal(bench.heard(waiting), "name.unavailable end");
  const x = bench.send("users");
  assert.equal(bench.heard(x), "name.unavailable end");
  assert.equal(x.failure?.message, "Nothing is known of /svc/users yet: zk1:2181 refused");
  bench.name("/svc/users").tree(to(A));
  bench.send("users");
  assert.equal(bench.cluster(A).seen, 1);
});

test("each dead end of a tree has its own failure", () => {
  const bench = new RouterBench();
  for (const [tree, code] of [
    [neg, "name.negative"],
    [fail, "name.failed"],
    [empty, "cluster.empty"],
    [alt([neg, fail, to(A)]), "name.failed"],
    [alt([neg, empty, to(A)]), "cluster.empty"],
  ] as const) {
    bench.name("/svc/users").tree(tree);
    const x = bench.send("users");
    assert.equal(bench.heard(x), `${code} end`);
    assert.match(x.failure?.message ?? "", /\/svc\/users/);
  }
  assert.equal(bench.clusters.size, 0);
});

test("an alt leads to its first branch that is not neg, whatever its health", () => {
  const bench = new RouterBench();
  bench.cluster(A).status = "closed";
  bench.name("/svc/users").tree(alt([neg, to(A), to(B)]));
  bench.send("users");
  assert.equal(bench.cluster(A).seen, 1);
  assert.equal(bench.cluster(B).leases, 0);
});

test("a union splits by weight", () => {
  const bench = new RouterBench();
  bench.cluster(A).answer = 200;
  bench.cluster(B).answer = 200;
  bench.name("/svc/users").tree(
    union([
      { weight: 9, tree: to(A) },
      { weight: 1, tree: to(B) },
    ]),
  );
  for (let n = 0; n < 10_000; n++) bench.send("users");
  assert.ok(Math.abs(bench.cluster(A).seen - 9000) < 150, `${bench.cluster(A).seen} of 10000`);
  assert.equal(bench.cluster(A).seen + bench.cluster(B).seen, 10_000);
});

test("a union draws no branch without an open endpoint while another has one, and splits all when none has", () => {
  const bench = new RouterBench();
  bench.name("/svc/users").tree(
    union([
      { weight: 9, tree: to(A) },
      { weight: 1, tree: to(B) },
    ]),
  );
  bench.cluster(A).answer = 200;
  bench.cluster(B).answer = 200;
  bench.cluster(A).status = "busy";
  for (let n = 0; n < 100; n++) bench.send("users");
  assert.equal(bench.cluster(B).seen, 100);
  bench.cluster(B).status = "busy";
  for (let n = 0; n < 100; n++) bench.send("users");
  assert.ok(bench.cluster(A).seen > 70);
});

test("a branch of weight 0 is never drawn, and weights that are all 0 split evenly", () => {
  const bench = new RouterBench();
  bench.cluster(A).answer = 200;
  bench.cluster(B).answer = 200;
  const split = (a: number, b: number) =>
    bench.name("/svc/users").tree(
      union([
        { weight: a, tree: to(A) },
        { weight: b, tree: to(B) },
      ]),
    );
  split(0, 1);
  for (let n = 0; n < 200; n++) bench.send("users");
  assert.equal(bench.cluster(A).seen, 0);
  split(0, 0);
  for (let n = 0; n < 200; n++) bench.send("users");
  assert.ok(bench.cluster(A).seen > 60 && bench.cluster(A).seen < 140);
});

test("a name that vanishes takes effect; one whose registry fails later is kept and shown as stale", () => {
  const bench = new RouterBench();
  bench.cluster(A).answer = 200;
  bench.name("/svc/users").tree(to(A));
  assert.equal(bench.heard(bench.send("users")), "200 end");
  bench.name("/svc/users").tell(failed(new Error("gone away")));
  assert.equal(bench.heard(bench.send("users")), "200 end");
  assert.equal(bench.router.view().routes[0]?.stale?.cause, "gone away");
  bench.name("/svc/users").tree(neg);
  assert.equal(bench.heard(bench.send("users")), "name.negative end");
  assert.equal(bench.cluster(A).leases, 0);
});

test("an exchange whose caller leaves while the name is pending is let go", () => {
  const bench = new RouterBench();
  const x = bench.send("users");
  x.abandon();
  assert.equal(bench.heard(x), "end");
  bench.name("/svc/users").tree(to(A));
  assert.equal(bench.cluster(A).seen, 0);
});

test("the backend is told the bound name and what the namer left of the path", () => {
  const bench = new RouterBench();
  bench.name("/svc/users").tree(leaf(bound(A, "/v2/x")));
  const { headers } = bench.send("users").request;
  assert.equal(headers.get("l5d-dst-service"), "/svc/users");
  assert.equal(headers.get("l5d-dst-client"), A);
  assert.equal(headers.get("l5d-dst-residual"), "/v2/x");
});
