import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../../src/base/failure.ts";
import type { BodySource } from "../../../../src/http/body.ts";
import type { Exchange } from "../../../../src/http/exchange.ts";
import { defaultRetries } from "../../../../src/router/params.ts";
import { exchangeOf, RouterBench, to } from "../../../fakes/router-bench.ts";

const A = "/#/fs/a";
type Field = readonly [string, string];

function bench(options: ConstructorParameters<typeof RouterBench>[0] = {}): RouterBench {
  const made = new RouterBench(options);
  made.name("/svc/users").tree(to(A));
  return made;
}

/** A gRPC call as it comes over HTTP/2. */
function call(b: RouterBench, fields: readonly Field[] = [], type = "application/grpc"): Exchange {
  const x = exchangeOf(b.layout, [["host", "users"], ["content-type", type], ...fields], "POST");
  x.request.version = 20;
  x.downstream = b.hearer;
  x.startedAt = b.clock.now();
  b.tier.service.dispatch(x);
  return x;
}

test("a call is ended when its time is up, and the endpoint hears of it", () => {
  const b = bench();
  const x = call(b, [["grpc-timeout", "100m"]]);
  b.clock.advance(99);
  assert.equal(b.heard(x), "");
  assert.equal(b.cluster(A).held.length, 1);
  b.clock.advance(10);
  assert.equal(b.heard(x), "total.timeout end");
  assert.equal(b.cluster(A).held.length, 0);
  assert.equal(x.response.headers.get("grpc-status"), "4");
  assert.equal(x.response.headers.get("linkspan-code"), "total.timeout");
});

test("what is left of it goes on", () => {
  const b = bench();
  const late = exchangeOf(b.layout, [
    ["host", "users"],
    ["content-type", "application/grpc"],
    ["grpc-timeout", "1S"],
  ]);
  late.request.version = 20;
  late.downstream = b.hearer;
  late.startedAt = b.clock.now();
  b.clock.advance(250);
  b.tier.service.dispatch(late);
  assert.equal(late.request.headers.get("grpc-timeout"), "750000u");
});

test("it holds while the answer streams, and not one moment after its end", () => {
  const b = bench();
  const stream: BodySource = { length: -1, started: false, pipe: () => undefined, drained: () => undefined };
  const x = call(b, [["grpc-timeout", "1S"]]);
  x.response.status = 200;
  x.responseBody = stream;
  x.routeTier?.respond(x);
  assert.equal(b.heard(x), "200");
  let cancelledWith: unknown;
  x.holder = { cancel: (_, why) => void (cancelledWith = why.code), abandon: () => undefined };
  b.clock.advance(1_010);
  assert.equal(cancelledWith, "total.timeout");
  const whole = call(b, [["grpc-timeout", "1S"]]);
  b.cluster(A).held.shift();
  b.cluster(A).end(200);
  assert.equal(b.heard(whole), "200 end");
  b.clock.advance(5_000);
  assert.equal(b.heard(whole), "200 end");
});

test("no time at all is over at once, and nothing is sent", () => {
  const b = bench();
  const x = call(b, [["grpc-timeout", "0n"]]);
  assert.equal(b.heard(x), "total.timeout end");
  assert.equal(b.cluster(A).seen, 0);
});

test("a garbled time is refused", () => {
  const b = bench();
  const x = call(b, [["grpc-timeout", "1s"]]);
  assert.equal(b.heard(x), "request.malformed end");
  assert.equal(x.response.headers.get("grpc-status"), "13");
});

test("the earlier of the call's own deadline and its context's holds, and goes on", () => {
  const b = bench();
  const wall = b.clock.wall();
  const context: Field = ["l5d-ctx-deadline", `${wall}000000 ${wall + 300}000000`];
  assert.equal(call(b, [["grpc-timeout", "10S"], context]).request.headers.get("grpc-timeout"), "300000u");
  const only = call(b, [context]);
  assert.equal(only.request.headers.get("grpc-timeout"), "300000u");
  assert.equal(call(b, [["grpc-timeout", "100m"], context]).request.headers.get("grpc-timeout"), "100000u");
  b.clock.advance(310);
  assert.equal(b.heard(only), "total.timeout end");
});

test("an untrusted context does not count, and the call's own time does", () => {
  const b = bench({ server: { trust: "none" } });
  const wall = b.clock.wall();
  const x = call(b, [
    ["grpc-timeout", "10S"],
    ["l5d-ctx-deadline", `${wall}000000 ${wall + 300}000000`],
  ]);
  assert.equal(x.request.headers.get("grpc-timeout"), "10000000u");
});

test("the header means nothing on a request that is no call", () => {
  const b = bench();
  const x = call(b, [["grpc-timeout", "1m"]], "application/json");
  b.clock.advance(1_000);
  assert.equal(b.heard(x), "");
  assert.equal(x.request.headers.get("grpc-timeout"), "1m");
});

test("a call that waits for its name is under its deadline too, and is not kept for a retry that would come after it", () => {
  const waiting = new RouterBench();
  const named = call(waiting, [["grpc-timeout", "50m"]]);
  waiting.clock.advance(60);
  assert.equal(waiting.heard(named), "total.timeout end");
  const b = bench({
    service: {
      classifier: { classify: () => "retryable" },
      retries: { ...defaultRetries, backoff: { kind: "constant", ms: 1_000 } },
    },
  });
  const x = call(b, [["grpc-timeout", "50m"]]);
  b.cluster(A).end(failures["upstream.reset"]);
  assert.equal(b.heard(x), "upstream.reset end");
});
