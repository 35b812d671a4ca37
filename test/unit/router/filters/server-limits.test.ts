import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../../src/base/failure.ts";
import { showDeadline } from "../../../../src/router/deadline.ts";
import { bound, leaf, RouterBench } from "../../../fakes/router-bench.ts";

function bench(server: NonNullable<ConstructorParameters<typeof RouterBench>[0]>["server"]): RouterBench {
  const made = new RouterBench({ server: server ?? {} });
  made.name("/svc/users").tree(leaf(bound("/#/users")));
  return made;
}

test("a request above the limit is refused at once, with what tells other proxies that nothing was done", () => {
  const one = bench({ maxConcurrentRequests: 2 });
  const first = one.send("users");
  const second = one.send("users");
  const third = one.send("users");
  assert.equal(third.failure?.code, "server.overloaded");
  assert.equal(third.response.status, 503);
  assert.equal(third.response.headers.get("retry-after"), "0");
  assert.equal(third.response.headers.get("finagle-http-nack"), "true");
  assert.equal(one.cluster("/#/users").seen, 2);
  one.cluster("/#/users").end();
  assert.equal(one.heard(first), "200 end");
  const fourth = one.send("users");
  assert.equal(fourth.failure, undefined);
  assert.equal(second.failure, undefined);
});

test("a refused request frees no place, and one that failed does", () => {
  const one = bench({ maxConcurrentRequests: 1 });
  one.send("users");
  one.send("users");
  one.send("users");
  assert.equal(one.cluster("/#/users").held.length, 1);
  one.cluster("/#/users").end(failures["upstream.reset"]);
  one.send("users");
  assert.equal(one.cluster("/#/users").held.length, 1);
});

test("a request that takes longer than its server's timeout ends with 504, and its endpoint knew until when", () => {
  const one = bench({ timeoutMs: 500 });
  const now = one.clock.wall();
  const x = one.send("users");
  assert.equal(x.request.headers.get("l5d-ctx-deadline"), showDeadline(now, now + 500));
  one.clock.advance(499);
  assert.equal(one.heard(x), "");
  one.clock.advance(1);
  assert.equal(x.failure?.code, "total.timeout");
  assert.match(x.failure.message, /at the server/);
});

test("the earlier of the caller's deadline and the server's is told", () => {
  const one = bench({ timeoutMs: 500 });
  const now = one.clock.wall();
  const x = one.send("users", [["l5d-ctx-deadline", showDeadline(now, now + 100)]]);
  assert.equal(x.request.headers.get("l5d-ctx-deadline"), showDeadline(now, now + 100));
});
