import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { type BodySource, noBody } from "../../../src/http/body.ts";
import type { Exchange } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { WholeAnswer, StatusClassifier } from "../../../src/plugins/classifiers/by-status.ts";
import { RouterBench, type RouterBenchOptions, to } from "../../fakes/router-bench.ts";

const A = "/#/fs/a";
const FIELD = "l5d-success-class";
const stream: BodySource = { length: -1, started: false, pipe: () => undefined, drained: () => undefined };

/** A router whose answers are judged at their end. */
function bench(server: RouterBenchOptions["server"] = {}): RouterBench {
  const made = new RouterBench({ server, service: { classifier: new WholeAnswer(new StatusClassifier([])) } });
  made.name("/svc/users").tree(to(A));
  return made;
}

/** Has the endpoint give the head of an answer. */
function head(b: RouterBench, body: BodySource, status = 200): Exchange {
  const x = b.send("users");
  x.response.status = status;
  x.response.headers = HeaderList.of([["x-a", "1"]]);
  x.responseBody = body;
  x.routeTier?.respond(x);
  return x;
}

test("what is known at the head stands in the head", () => {
  const x = head(bench(), stream, 500);
  assert.equal(x.response.headers.get(FIELD), "0.0");
  assert.equal(x.trailing, undefined);
});

test("an answer without a body has come to its end with its head", () => {
  const x = head(bench(), noBody, 204);
  assert.equal(x.response.headers.get(FIELD), "1.0");
  assert.equal(x.trailing, undefined);
});

test("what only the end shows stands in the trailers, in place of what the endpoint says there", () => {
  const x = head(bench(), stream);
  assert.equal(x.response.headers.get(FIELD), undefined);
  const own = HeaderList.of([
    ["x-t", "1"],
    [FIELD, "0.0"],
  ]);
  x.trailers = own;
  const sent = x.trailing?.trailers(x, own);
  assert.deepEqual([sent?.get("x-t"), sent?.get(FIELD)], ["1", "1.0"]);
  const bare = head(bench(), stream);
  assert.equal(bare.trailing?.trailers(bare, undefined)?.get(FIELD), "1.0");
});

test("the route counts what the end has shown", () => {
  const b = bench();
  const x = head(b, stream);
  x.trailing?.trailers(x, undefined);
  b.cluster(A).end(200);
  const cut = head(b, stream);
  cut.broken = failures["upstream.reset"];
  cut.routeTier?.finish(cut);
  const left = head(b, stream);
  left.broken = failures["downstream.gone"];
  left.routeTier?.finish(left);
  const [route] = b.router.view().routes;
  assert.deepEqual([route?.success, route?.failures], [1, 1]);
});

test("with clearContext nobody is told", () => {
  const x = head(bench({ clearContext: true }), stream);
  const own = HeaderList.of([
    ["x-t", "1"],
    ["l5d-foo", "1"],
  ]);
  const sent = x.trailing?.trailers(x, own);
  assert.deepEqual([sent?.get("x-t"), sent?.get("l5d-foo"), sent?.get(FIELD)], ["1", undefined, undefined]);
  assert.equal(x.trailing?.trailers(x, undefined), undefined);
});
