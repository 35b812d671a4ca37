import assert from "node:assert/strict";
import { test } from "node:test";
import type { RateLimitParams } from "../../../../src/router/params.ts";
import { RouterBench, to } from "../../../fakes/router-bench.ts";

const A = "/#/fs/a";

function bench(rateLimit: Partial<RateLimitParams> = {}): RouterBench {
  const made = new RouterBench({ service: { rateLimit: { rps: 10, burst: 2, by: undefined, ...rateLimit } } });
  made.name("/svc/users").tree(to(A));
  made.cluster(A).answer = 200;
  return made;
}

test("what comes beyond the rate is refused at once, and told when to come again", () => {
  const b = bench({ rps: 1 });
  for (let n = 0; n < 2; n++) assert.equal(b.heard(b.send("users")), "200 end");
  const refused = b.send("users");
  assert.equal(b.heard(refused), "request.rate_limited end");
  assert.equal(refused.response.status, 429);
  assert.equal(refused.response.headers.get("retry-after"), "1");
  assert.equal(refused.response.headers.get("linkspan-code"), "request.rate_limited");
  b.clock.advance(999);
  assert.equal(b.heard(b.send("users")), "request.rate_limited end");
  b.clock.advance(2);
  assert.equal(b.heard(b.send("users")), "200 end");
  assert.equal(b.cluster(A).seen, 3);
});

test("in the long run as many pass as the rate says, and a pause saves no more than the burst", () => {
  const b = bench();
  let passed = 0;
  for (let n = 0; n < 1000; n++) {
    if (b.heard(b.send("users")) === "200 end") passed++;
    b.clock.advance(10);
  }
  assert.ok(passed >= 100 && passed <= 102, `${passed} in ten seconds`);
  b.clock.advance(60_000);
  const burst = Array.from({ length: 5 }, () => b.heard(b.send("users"))).filter((each) => each === "200 end");
  assert.equal(burst.length, 2);
});

test("each value of the header has a rate of its own", () => {
  const b = bench({ by: "x-user" });
  const heard = (user: string): string => b.heard(b.send("users", [["X-User", user]]));
  assert.deepEqual([heard("ann"), heard("ann"), heard("ann")], ["200 end", "200 end", "request.rate_limited end"]);
  assert.equal(heard("bob"), "200 end");
  assert.equal(b.heard(b.send("users")), "200 end");
});

test("who invents values does not fill the memory", () => {
  const b = bench({ by: "x-user", burst: 1 });
  for (let n = 0; n < 10_001; n++) b.send("users", [["X-User", `u${n}`]]);
  // The first one was forgotten, the last one was not.
  assert.equal(b.heard(b.send("users", [["X-User", "u0"]])), "200 end");
  assert.equal(b.heard(b.send("users", [["X-User", "u10000"]])), "request.rate_limited end");
});

test("the rate of one route is not another's", () => {
  const b = bench({ burst: 1 });
  b.name("/svc/orders").tree(to(A));
  b.send("users");
  assert.equal(b.heard(b.send("users")), "request.rate_limited end");
  assert.equal(b.heard(b.send("orders")), "200 end");
});
