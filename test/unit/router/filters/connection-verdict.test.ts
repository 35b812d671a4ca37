import assert from "node:assert/strict";
import { test } from "node:test";
import { type Failure, failures } from "../../../../src/base/failure.ts";
import { ClusterSlots } from "../../../../src/cluster/slots.ts";
import { Layout } from "../../../../src/http/exchange.ts";
import { ConnectionVerdict } from "../../../../src/router/filters/connection-verdict.ts";
import { RouterSlots, Verdict } from "../../../../src/router/slots.ts";
import { Hearer, plainExchange } from "../../../fakes/plain-exchange.ts";

function verdictOn({ failure, broken }: { readonly failure?: Failure; readonly broken?: Failure }): number | undefined {
  const layout = new Layout();
  const slots = new RouterSlots(layout, new ClusterSlots(layout));
  const filter = new ConnectionVerdict(slots);
  filter.prev = new Hearer();
  const x = plainExchange(layout);
  x.failure = failure;
  x.broken = broken;
  filter.finish(x);
  return x.numbers[slots.verdict];
}

test("a connection ended well unless it never came about or was broken off, and by whom that was", () => {
  assert.equal(verdictOn({}), Verdict.success);
  assert.equal(verdictOn({ failure: failures["connect.failed"] }), Verdict.failure);
  assert.equal(verdictOn({ broken: failures["upstream.reset"] }), Verdict.failure);
  assert.equal(verdictOn({ failure: failures["downstream.gone"] }), Verdict.ignored);
  assert.equal(verdictOn({ broken: failures["downstream.gone"] }), Verdict.ignored);
  assert.equal(verdictOn({ broken: failures["connection.idle"] }), Verdict.ignored);
});
