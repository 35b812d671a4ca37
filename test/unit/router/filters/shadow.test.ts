import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../../src/base/failure.ts";
import type { BodySink, BodySource } from "../../../../src/http/body.ts";
import { BytesBody } from "../../../../src/http/error-response.ts";
import type { Exchange } from "../../../../src/http/exchange.ts";
import { Path } from "../../../../src/naming/path.ts";
import { CollectingSink } from "../../../fakes/collecting-sink.ts";
import { exchangeOf, RouterBench, to } from "../../../fakes/router-bench.ts";

const A = "/#/fs/a";
const B = "/#/fs/b";

function bench(fraction = 1): RouterBench {
  const made = new RouterBench({ service: { shadow: { to: Path.read("/svc/copy"), fraction } } });
  made.name("/svc/users").tree(to(A));
  made.name("/svc/copy").tree(to(B));
  return made;
}

function total(b: RouterBench, result: string): number {
  const family = b.metrics.families().find(({ spec }) => spec.name === "linkspan_shadows_total");
  const found = family?.series.find(({ labels }) => labels["result"] === result);
  return found !== undefined && "value" in found ? found.value : 0;
}

/** A request with a body, as a connection has it. */
function post(b: RouterBench, body: BodySource): Exchange {
  const x = exchangeOf(b.layout, [["Host", "users"]], "POST");
  x.requestBody = body;
  x.downstream = b.hearer;
  b.tier.service.dispatch(x);
  return x;
}

test("a copy of a request goes to another name, with its head, and the caller gets the answer of his own", () => {
  const b = bench();
  const x = b.send("users", [["x-asked", "1"]]);
  const [copy] = b.cluster(B).held;
  assert.ok(copy);
  assert.equal(copy.request.headers.get("x-asked"), "1");
  assert.equal(copy.request.headers.get("l5d-dst-service"), "/svc/copy");
  assert.equal(x.request.headers.get("l5d-dst-service"), "/svc/users");
  b.cluster(B).end(500);
  assert.equal(b.heard(x), "");
  b.cluster(A).end(200);
  assert.equal(b.heard(x), "200 end");
  assert.equal(total(b, "sent"), 1);
});

test("copies have statistics of their own, and shadows have no shadows", () => {
  const b = bench();
  b.send("users");
  b.cluster(A).end(200);
  b.cluster(B).end(500);
  const routes = b.router.view().routes.map(({ path, requests, success, failures: failed }) => {
    return [path, requests, success, failed];
  });
  assert.deepEqual(routes, [
    ["/svc/users", 1, 1, 0],
    ["/svc/copy", 1, 0, 1],
  ]);
});

test("nothing that becomes of a copy is felt: a name that is not there, one that never answers, one that fails", () => {
  for (const how of ["absent", "silent", "refused"]) {
    const b = bench();
    if (how === "absent") b.names.delete("/svc/copy");
    if (how === "refused") b.cluster(B).answer = failures["connect.failed"];
    const x = b.send("users");
    b.cluster(A).end(200);
    assert.equal(b.heard(x), "200 end", how);
    b.clock.advance(60_000);
    assert.equal(b.cluster(B).held.length, 0, how);
    assert.deepEqual(b.bugs, []);
  }
});

test("a body is copied when it has come, and the copy is sent then", () => {
  const b = bench();
  const x = post(b, new BytesBody(Buffer.from("all of it")));
  assert.equal(b.cluster(B).seen, 0);
  x.requestBody.pipe(new CollectingSink());
  const [copy] = b.cluster(B).held;
  assert.equal(copy?.requestBody.length, 9);
  b.cluster(A).end(200);
  assert.equal(b.heard(x), "200 end");
  assert.equal(b.cluster(B).held.length, 1);
});

test("what is larger than 64 KiB is not copied, whether its length is known or not; nor a body that nobody took", () => {
  const b = bench();
  post(b, new BytesBody(Buffer.alloc(64 * 1024 + 1)));
  let sink: BodySink | undefined;
  const stream: BodySource = {
    length: -1,
    started: false,
    drained: () => undefined,
    pipe: (into) => void (sink = into),
  };
  const x = post(b, stream);
  x.requestBody.pipe(new CollectingSink());
  for (let n = 0; n < 65; n++) sink?.chunk(Buffer.alloc(1024));
  sink?.end();
  post(b, stream);
  for (let n = 0; n < 3; n++) b.cluster(A).end(200);
  assert.equal(total(b, "dropped"), 3);
  assert.equal(b.cluster(B).seen, 0);
});

test("at most 100 copies are under way; the requests of the others go on without one", () => {
  const b = bench();
  for (let n = 0; n < 150; n++) b.send("users");
  assert.deepEqual([b.cluster(A).held.length, b.cluster(B).held.length], [150, 100]);
  assert.deepEqual([total(b, "sent"), total(b, "dropped")], [100, 50]);
  b.cluster(B).end(200);
  b.send("users");
  assert.equal(b.cluster(B).held.length, 100);
});

test("a fraction of requests is copied, and none that makes a tunnel of its connection", () => {
  const b = bench(0.25);
  for (const id of [A, B]) b.cluster(id).answer = 200;
  for (let n = 0; n < 2_000; n++) b.send("users");
  // Four standard deviations of a binomial draw are 77.
  assert.ok(Math.abs(b.cluster(B).seen - 500) < 77, `${b.cluster(B).seen}`);
  const whole = bench();
  whole.send("users", [], "CONNECT");
  assert.equal(whole.cluster(B).seen, 0);
});
