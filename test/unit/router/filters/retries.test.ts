import assert from "node:assert/strict";
import { test } from "node:test";
import type { BodySource } from "../../../../src/http/body.ts";
import { failures } from "../../../../src/base/failure.ts";
import { defaultRetries } from "../../../../src/router/params.ts";
import { exchangeOf, RouterBench, to } from "../../../fakes/router-bench.ts";

const A = "/#/fs/a";

function bench(retries: Partial<typeof defaultRetries> = {}, totalTimeoutMs?: number): RouterBench {
  const made = new RouterBench({ service: { retries: { ...defaultRetries, ...retries }, totalTimeoutMs } });
  made.name("/svc/users").tree(to(A));
  return made;
}

test("a retryable answer is tried again, and the caller hears only the last", () => {
  const b = bench();
  const x = b.send("users");
  b.cluster(A).end(503);
  assert.equal(b.heard(x), "");
  b.cluster(A).end(200);
  assert.equal(b.heard(x), "200 end");
  assert.equal(x.response.headers.get("l5d-success-class"), "1.0");
  assert.equal(x.request.headers.get("l5d-dst-client"), A);
});

test("after three more attempts the last answer goes to the caller", () => {
  const b = bench();
  b.cluster(A).answer = 500;
  const x = b.send("users");
  assert.equal(b.heard(x), "500 end");
  assert.equal(b.cluster(A).seen, 4);
  assert.equal(x.response.headers.get("l5d-success-class"), "0.0");
  assert.equal(b.router.view().routes[0]?.requests, 1);
});

test("a route counts how often its requests were retried, and why there was no further retry", () => {
  const b = bench();
  b.cluster(A).answer = 500;
  b.send("users");
  const read = (name: string): (string | number)[] =>
    b.metrics
      .families()
      .flatMap(({ spec, series }) => (spec.name === name ? series : []))
      .map((each) => `${Object.values(each.labels).at(-1)} ${"value" in each ? each.value : ""}`);
  assert.deepEqual(read("linkspan_retried_requests_total"), ["1 1", "2 1", "3 1"]);
  assert.deepEqual(read("linkspan_retries_refused_total"), ["limit 1"]);
});

test("a method that may not be sent twice is not, unless the answer says that it may", () => {
  const b = bench();
  const x = b.send("users", [], "POST");
  b.cluster(A).end(500);
  assert.equal(b.heard(x), "500 end");
  const again = b.send("users", [], "POST");
  b.cluster(A).end(500, { "l5d-retryable": "true" });
  b.cluster(A).end(201);
  assert.equal(b.heard(again), "201 end");
});

test("a reset by the endpoint is retried for a method that allows it; what the cluster gave up on is not", () => {
  const b = bench();
  const x = b.send("users");
  b.cluster(A).end(failures["upstream.reset"]);
  b.cluster(A).end(failures["cluster.empty"]);
  assert.equal(b.heard(x), "cluster.empty end");
  assert.equal(b.cluster(A).seen, 2);
});

test("a request whose body has begun is not sent again", () => {
  const b = bench();
  const x = b.send("users");
  const begun: BodySource = { length: 5, started: true, pipe: () => undefined, drained: () => undefined };
  x.requestBody = begun;
  b.cluster(A).end(503);
  assert.equal(b.heard(x), "503 end");
});

test("an empty budget ends the retries", () => {
  const b = bench({ budget: { minRetriesPerSec: 0, percentCanRetry: 0, ttlMs: 10_000 } });
  b.cluster(A).answer = 503;
  assert.equal(b.heard(b.send("users")), "503 end");
  assert.equal(b.cluster(A).seen, 1);
});

test("a body without a length is not kept where streams are not", () => {
  const b = bench({ keptBytes: 100, keepsStreams: false });
  const x = exchangeOf(b.layout, [["Host", "users"]]);
  x.downstream = b.hearer;
  const stream: BodySource = { length: -1, started: false, pipe: () => undefined, drained: () => undefined };
  x.requestBody = stream;
  b.tier.service.dispatch(x);
  assert.equal(x.requestBody, stream);
});

test("a back-off is waited for; a caller who leaves meanwhile is let go", () => {
  const b = bench({ backoff: { kind: "constant", ms: 50 } });
  const x = b.send("users");
  b.cluster(A).end(503);
  b.clock.advance(49);
  assert.equal(b.cluster(A).seen, 1);
  b.clock.advance(1);
  assert.equal(b.cluster(A).seen, 2);
  b.cluster(A).end(503);
  x.cancel(failures["downstream.gone"]);
  assert.equal(b.heard(x), "downstream.gone end");
  b.clock.advance(100);
  assert.equal(b.cluster(A).seen, 2);
  assert.equal(b.cluster(A).leases, 1);
});

test("the total timeout covers retries and back-offs, and is not retried", () => {
  const b = bench({ backoff: { kind: "constant", ms: 60 } }, 100);
  const x = b.send("users");
  b.cluster(A).end(503);
  b.clock.advance(60);
  assert.equal(b.cluster(A).seen, 2);
  b.clock.advance(39);
  assert.equal(b.heard(x), "");
  b.clock.advance(1);
  assert.equal(b.heard(x), "total.timeout end");
  assert.equal(x.response.status, 504);
  assert.equal(b.cluster(A).held.length, 0);
});

test("an answer that asks to be left alone for a while is waited for, and for no longer than ten seconds", () => {
  const b = bench();
  const x = b.send("users");
  b.cluster(A).end(503, { "retry-after": "2" });
  b.clock.advance(1999);
  assert.equal(b.cluster(A).seen, 1);
  b.clock.advance(1);
  assert.equal(b.cluster(A).seen, 2);
  b.cluster(A).end(503, { "retry-after": "11" });
  assert.equal(b.heard(x), "503 end");
  assert.equal(x.response.headers.get("retry-after"), "11");
});

test("a retry that could only begin after the time is up is not paid for: the answer goes to the caller at once", () => {
  const b = bench({ backoff: { kind: "constant", ms: 60 } }, 100);
  const x = b.send("users");
  b.clock.advance(40);
  b.cluster(A).end(503);
  assert.equal(b.heard(x), "503 end");
  const gauge = b.metrics.families().find(({ spec }) => spec.name === "linkspan_budget_tokens");
  const tokens = gauge?.series.map((each) => ("value" in each ? each.value : undefined));
  assert.deepEqual(tokens, [100]);
});

test("a jittered back-off grows from one retry of an exchange to its next", () => {
  const b = bench({ backoff: { kind: "jittered", minMs: 10, maxMs: 1000 }, limit: 5 });
  b.cluster(A).answer = 503;
  b.send("users");
  const waits: number[] = [];
  for (let seen = 1, ms = 0; seen < 6;) {
    b.clock.advance(1);
    ms++;
    if (b.cluster(A).seen === seen) continue;
    seen = b.cluster(A).seen;
    waits.push(ms);
    ms = 0;
  }
  assert.equal(waits[0], 10);
  for (let n = 1; n < waits.length; n++) {
    assert.ok((waits[n] as number) >= (waits[n - 1] as number), `${waits.join(" ")} ms`);
    assert.ok((waits[n] as number) <= 3 * (waits[n - 1] as number) + 2, `${waits.join(" ")} ms`);
  }
});

test("an answer that says that nobody is to try this again is not tried again", () => {
  const b = bench();
  const x = b.send("users");
  b.cluster(A).end(503, { "finagle-http-nonretryable-nack": "true" });
  assert.equal(b.heard(x), "503 end");
});

test("what the router itself shed is not tried again", () => {
  const b = bench();
  const x = b.send("users");
  b.cluster(A).end(failures["cluster.overloaded"]);
  assert.equal(b.heard(x), "cluster.overloaded end");
  assert.equal(b.cluster(A).seen, 1);
});

test("the budget of one route is not another's", () => {
  const b = bench({ budget: { minRetriesPerSec: 1, percentCanRetry: 0, ttlMs: 10_000 }, limit: 100 });
  b.name("/svc/orders").tree(to("/#/fs/b"));
  b.cluster(A).answer = 503;
  b.send("users");
  assert.equal(b.cluster(A).seen, 11);
  const x = b.send("orders");
  b.cluster("/#/fs/b").end(503);
  b.cluster("/#/fs/b").end(200);
  assert.equal(b.heard(x), "200 end");
});

test("a short answer that is tried again is read to its end first; one that does not end is given up", () => {
  const b = bench();
  let asked = 0;
  const slow: BodySource = { length: 2, started: false, pipe: () => void asked++, drained: () => undefined };
  const x = b.send("users");
  const held = b.cluster(A);
  x.response.status = 503;
  x.responseBody = slow;
  x.routeTier?.respond(x);
  assert.deepEqual([asked, held.seen], [1, 1]);
  b.clock.advance(49);
  assert.equal(held.seen, 1);
  b.clock.advance(1);
  assert.equal(held.seen, 2);
  held.end(200);
  assert.equal(b.heard(x), "200 end");
  b.clock.advance(100);
  assert.equal(held.seen, 2);
});

test("a caller who leaves while such an answer is read is let go", () => {
  const b = bench();
  const x = b.send("users");
  x.response.status = 503;
  x.responseBody = { length: 2, started: false, pipe: () => undefined, drained: () => undefined };
  x.routeTier?.respond(x);
  x.broken = failures["downstream.gone"];
  x.abandon();
  assert.equal(b.heard(x), "downstream.gone end");
  assert.equal(b.cluster(A).seen, 1);
});

test("a caller who left is neither a success nor a failure", () => {
  const b = bench();
  const x = b.send("users");
  x.cancel(failures["downstream.gone"]);
  const view = b.router.view().routes[0];
  assert.deepEqual([view?.requests, view?.success, view?.failures], [1, 0, 0]);
});

test("a body of which all was kept is sent again, and one that was given away is not", () => {
  const b = bench({ keptBytes: 4 });
  const text = (parts: readonly string[]): BodySource => ({
    length: -1,
    started: false,
    pipe: (sink) => {
      for (const part of parts) sink.chunk(Buffer.from(part));
      sink.end();
    },
    drained: () => undefined,
  });
  const attempts: string[] = [];
  const take = (x: { readonly requestBody: BodySource }): void => {
    let got = "";
    x.requestBody.pipe({
      chunk: (bytes) => {
        got += Buffer.from(bytes).toString();
        return true;
      },
      end: () => void attempts.push(got),
      fail: () => undefined,
      flush: () => undefined,
    });
  };
  const sendBody = (parts: readonly string[]) => {
    const x = exchangeOf(b.layout, [["Host", "users"]]);
    x.downstream = b.hearer;
    x.requestBody = text(parts);
    b.tier.service.dispatch(x);
    take(x);
    return x;
  };
  const small = sendBody(["ab", "cd"]);
  b.cluster(A).end(503);
  take(small);
  b.cluster(A).end(200);
  assert.deepEqual([b.heard(small), attempts.splice(0)], ["200 end", ["abcd", "abcd"]]);
  const large = sendBody(["ab", "cde"]);
  b.cluster(A).end(503);
  assert.deepEqual([b.heard(large), attempts], ["503 end", ["abcde"]]);
});
