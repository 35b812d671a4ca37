import assert from "node:assert/strict";
import { test } from "node:test";
import { RouterBench, to } from "../../../fakes/router-bench.ts";

const A = "/#/fs/a";

function bench(totalTimeoutMs: number): RouterBench {
  const made = new RouterBench({ service: { totalTimeoutMs } });
  made.name("/svc/users").tree(to(A));
  return made;
}

test("each exchange has its own limit, and who is answered in time has none any more", () => {
  const b = bench(100);
  const first = b.send("users");
  b.clock.advance(40);
  const second = b.send("users");
  b.clock.advance(40);
  const third = b.send("users");
  b.cluster(A).held.reverse();
  b.cluster(A).held.push(b.cluster(A).held.shift() as typeof first);
  b.cluster(A).end(200);
  assert.equal(b.heard(second), "200 end");
  b.clock.advance(20);
  assert.equal(b.heard(first), "total.timeout end");
  assert.equal(b.heard(third), "");
  b.clock.advance(80);
  assert.equal(b.heard(third), "total.timeout end");
  assert.match(third.failure?.message ?? "", /^exceeded 100\.milliseconds /);
});

test("an exchange that waits for its name is under the limit too", () => {
  const b = new RouterBench({ service: { totalTimeoutMs: 1000 } });
  const x = b.send("users");
  b.clock.advance(1000);
  assert.equal(b.heard(x), "total.timeout end");
  assert.match(x.failure?.message ?? "", /^exceeded 1\.seconds /);
});

test("the limit goes on as the deadline, the caller's where it is earlier", () => {
  const b = bench(1000);
  const now = b.clock.wall();
  const ours = b.send("users").request.headers.get("l5d-ctx-deadline");
  assert.equal(ours, `${now}000000 ${now + 1000}000000`);
  const theirs = b.send("users", [["l5d-ctx-deadline", `${now - 5}000000 ${now + 10}000001`]]);
  assert.equal(theirs.request.headers.get("l5d-ctx-deadline"), `${now}000000 ${now + 10}000001`);
});

test("no timer is left when all are answered", () => {
  const b = bench(100);
  b.send("users");
  b.cluster(A).end(200);
  b.clock.advance(100);
  assert.equal(b.clock.nextIn, 600_000 - 100);
});

test("the next request on a connection is not ended by the limit of the last one", () => {
  const b = bench(100);
  const x = b.send("users");
  b.clock.advance(40);
  b.cluster(A).end(200);
  b.resend(x, "users");
  b.clock.advance(99);
  assert.equal(b.heard(x), "");
  b.clock.advance(1);
  assert.equal(b.heard(x), "total.timeout end");
});
