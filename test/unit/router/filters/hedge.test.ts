import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../../src/base/failure.ts";
import { ClusterSlots } from "../../../../src/cluster/slots.ts";
import type { Decision } from "../../../../src/base/request-record.ts";
import { Layout } from "../../../../src/http/exchange.ts";
import { defaultRetries, type HedgeParams } from "../../../../src/router/params.ts";
import { RouterBench, to } from "../../../fakes/router-bench.ts";

const A = "/#/fs/a";
const { decisions } = new ClusterSlots(new Layout());

function bench(hedge: Partial<HedgeParams> = {}, limit = 0): RouterBench {
  const retries = { ...defaultRetries, limit };
  const made = new RouterBench({ service: { hedge: { after: { ms: 50 }, budget: 1, ...hedge }, retries } });
  made.name("/svc/users").tree(to(A));
  return made;
}

/** A request that was hedged: its own attempt is held first, the child's second. */
function hedged(b: RouterBench) {
  const x = b.send("users", [["x-asked", "1"]]);
  b.clock.advance(60);
  const child = b.cluster(A).held[1];
  assert.ok(child, "no second attempt was made");
  return { x, child };
}

test("a request that was not answered in time goes out a second time, with the same head, and the first head wins", () => {
  const b = bench();
  const { x, child } = hedged(b);
  assert.equal(child.request.headers.get("x-asked"), "1");
  assert.equal(child.request.headers.get("l5d-dst-client"), A);
  const fields = [...Array.from({ length: child.request.headers.size }).keys()].filter(
    (at) => !child.request.headers.dropped(at) && child.request.headers.name(at) === "l5d-dst-client",
  );
  assert.equal(fields.length, 1);
  b.cluster(A).end(200);
  assert.equal(b.heard(x), "200 end");
  assert.equal(b.cluster(A).held.length, 0);
  assert.equal(b.cluster(A).leases, 1);
});

test("where the second attempt answers first, its answer is the request's, and the first attempt is ended", () => {
  const b = bench();
  const { x, child } = hedged(b);
  const { held } = b.cluster(A);
  held.reverse();
  b.cluster(A).end(203, { "x-from": "child" });
  assert.equal(b.heard(x), "203 end");
  assert.equal(x.response.headers.get("x-from"), "child");
  assert.equal(child.holder, undefined);
  assert.deepEqual([held.length, b.cluster(A).leases], [0, 1]);
  const hedges = b.metrics.families().find(({ spec }) => spec.name === "linkspan_hedges_total");
  const count = hedges?.series
    .filter(({ labels }) => labels["service"] === "/svc/users")
    .map((each) => [each.labels["result"], "value" in each ? each.value : -1]);
  assert.deepEqual(count, [
    ["sent", 1],
    ["won", 1],
  ]);
  assert.deepEqual(
    (x.values[decisions] as Decision[]).map(({ kind, by }) => `${kind} ${by}`),
    ["beside hedge"],
  );
});

test("an attempt that fails leaves the answer to the other one, whichever it is", () => {
  for (const first of ["own", "child"]) {
    const b = bench();
    const { x } = hedged(b);
    if (first === "child") b.cluster(A).held.reverse();
    b.cluster(A).end(failures["upstream.reset"]);
    assert.equal(b.heard(x), "");
    b.cluster(A).end(200);
    assert.equal(b.heard(x), "200 end");
  }
});

test("where both fail, the caller hears of the failure of its own attempt, once", () => {
  const b = bench();
  const { x } = hedged(b);
  b.cluster(A).end(failures["upstream.reset"]);
  b.cluster(A).end(failures["connect.failed"]);
  assert.equal(b.heard(x), "upstream.reset end");
});

test("a caller that leaves ends both attempts, also when only the second is left", () => {
  for (const left of [2, 1]) {
    const b = bench();
    const { x } = hedged(b);
    if (left === 1) b.cluster(A).end(failures["upstream.reset"]);
    x.cancel(failures["downstream.gone"]);
    assert.equal(b.heard(x), "downstream.gone end");
    assert.deepEqual([b.cluster(A).held.length, b.cluster(A).leases], [0, 1]);
  }
});

test("no second attempt is made of what has a body, may not be repeated, was answered, or is not paid for", () => {
  const b = bench({ budget: 0.5 });
  b.send("users", [], "POST");
  b.clock.advance(60);
  assert.equal(b.cluster(A).held.length, 1);
  const quick = b.send("users");
  b.cluster(A).held.reverse();
  b.cluster(A).end(200);
  assert.equal(b.heard(quick), "200 end");
  b.clock.advance(60);
  assert.equal(b.cluster(A).held.length, 1);
  // Three requests have paid 0.5 each.
  b.send("users");
  b.send("users");
  b.clock.advance(60);
  assert.equal(b.cluster(A).held.length, 5);
  const poor = b.send("users");
  b.clock.advance(60);
  assert.equal(b.cluster(A).held.length, 6);
  assert.deepEqual(
    (poor.values[decisions] as Decision[]).map(({ by, because }) => `${by} ${because}`),
    ["hedge budget"],
  );
});

test("by a percentile, nobody is hedged before enough was seen, and then whoever is slower than that share", () => {
  const b = bench({ after: { share: 0.95 } });
  for (let n = 0; n < 20; n++) {
    b.send("users");
    b.clock.advance(10);
    const x = b.cluster(A).held[0];
    if (x) x.answeredAt = b.clock.now();
    b.cluster(A).end(200);
  }
  b.send("users");
  b.clock.advance(9);
  assert.equal(b.cluster(A).held.length, 1);
  b.clock.advance(6);
  assert.equal(b.cluster(A).held.length, 2);
});

test("a retryable answer of the second attempt is tried again", () => {
  const b = bench({}, 3);
  const { x } = hedged(b);
  b.cluster(A).held.reverse();
  b.cluster(A).end(503);
  assert.equal(b.heard(x), "");
  assert.equal(b.cluster(A).held.length, 1);
  b.cluster(A).end(200);
  assert.equal(b.heard(x), "200 end");
});
