import assert from "node:assert/strict";
import { test } from "node:test";
import { RefuseGrpc } from "../../../src/cluster/filters/refuse-grpc.ts";
import { Layout } from "../../../src/http/exchange.ts";
import { link } from "../../../src/http/filter.ts";
import { Hearer } from "../../fakes/plain-exchange.ts";
import { exchangeOf } from "../../fakes/router-bench.ts";

function heard(version: 11 | 20, type: string): string {
  const hearer = new Hearer();
  const x = exchangeOf(new Layout(), [["content-type", type]], "POST");
  x.request.version = version;
  let passed = false;
  const tier = link([new RefuseGrpc()], hearer, { dispatch: () => void (passed = true) });
  tier.first.dispatch(x);
  return passed ? "passed" : hearer.of(x).join(" ");
}

test("gRPC over HTTP/2 does not go on to endpoints that are called over HTTP/1; everything else does", () => {
  assert.equal(heard(20, "application/grpc"), "grpc.unsupported end");
  assert.equal(heard(20, "application/grpc+proto"), "grpc.unsupported end");
  assert.equal(heard(20, "application/grpc-web"), "passed");
  assert.equal(heard(20, "application/json"), "passed");
  assert.equal(heard(11, "application/grpc"), "passed");
});
