import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../../src/base/failure.ts";
import { defaultRetries, type FaultParams } from "../../../../src/router/params.ts";
import { RouterBench, to } from "../../../fakes/router-bench.ts";

const A = "/#/fs/a";
const always: FaultParams = { match: {}, fraction: 1, delayMs: 0, abort: undefined };

function bench(...faults: readonly Partial<FaultParams>[]): RouterBench {
  const made = new RouterBench({
    service: { faults: faults.map((each) => ({ ...always, ...each })), retries: { ...defaultRetries, limit: 3 } },
    router: { maxPending: 2 },
  });
  made.name("/svc/users").tree(to(A));
  made.cluster(A).answer = 200;
  return made;
}

test("an abort is the answer, with its status, and no endpoint gets the request; it is not tried again", () => {
  const b = bench({ abort: 418 });
  const x = b.send("users");
  assert.equal(x.response.status, 418);
  assert.match(x.response.headers.get("l5d-err") ?? "", /injected/);
  assert.equal(x.response.headers.get("linkspan-code"), "fault.injected");
  assert.equal(b.cluster(A).seen, 0);
  assert.equal(b.router.view().routes[0]?.failures, 1);
});

test("a delay holds the request for so long, and then it goes on; with an abort it is answered then", () => {
  for (const abort of [undefined, 503]) {
    const b = bench({ delayMs: 250, abort });
    const x = b.send("users");
    b.clock.advance(249);
    assert.equal(b.heard(x), "");
    b.clock.advance(1);
    assert.equal(b.heard(x), abort === undefined ? "200 end" : "fault.injected end");
    assert.equal(b.clock.waiting > 1, false);
  }
});

test("only requests that match are meant, by method, path and header, and the first fault that is drawn is done", () => {
  const b = bench(
    { match: { headers: { "x-fault": "slow" } }, delayMs: 100 },
    { match: { method: "POST" }, abort: 500 },
    { match: { headers: { "x-fault": "*" } }, abort: 503 },
  );
  const status = (headers: readonly (readonly [string, string])[], method = "GET"): string => {
    const x = b.send("users", headers, method);
    b.clock.advance(100);
    return b.heard(x);
  };
  assert.equal(status([]), "200 end");
  assert.equal(status([["x-fault", "slow"]]), "200 end");
  assert.equal(status([], "POST"), "fault.injected end");
  assert.equal(status([["X-Fault", "any"]]), "fault.injected end");
});

test("a fraction of requests is meant, within what chance does", () => {
  const b = bench({ fraction: 0.1, abort: 503 });
  let aborted = 0;
  for (let n = 0; n < 4_000; n++) if (b.heard(b.send("users")).startsWith("fault")) aborted++;
  // Four standard deviations of a binomial draw are 76.
  assert.ok(Math.abs(aborted - 400) < 76, `${aborted}`);
});

test("a caller that leaves during a delay, and a total timeout, end it", () => {
  const b = bench({ delayMs: 1_000 });
  const x = b.send("users");
  x.cancel(failures["downstream.gone"]);
  assert.equal(b.heard(x), "downstream.gone end");
  b.clock.advance(1_000);
  assert.equal(b.cluster(A).seen, 0);
});

test("a bounded number of requests waits; others are not delayed", () => {
  const b = bench({ delayMs: 1_000 });
  const sent = [1, 2, 3].map(() => b.send("users"));
  assert.deepEqual(
    sent.map((x) => b.heard(x)),
    ["", "", "200 end"],
  );
});
