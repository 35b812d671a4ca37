import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { Exchange } from "../../../src/http/exchange.ts";
import { turn } from "../../../src/testing/index.ts";
import { clusterBench } from "../../fakes/cluster-bench.ts";

async function settled(): Promise<void> {
  for (let n = 0; n < 10; n++) await turn();
}

const budget = { balance: 10, deposit: () => undefined, withdraw: () => true };

function nacking(isHttp: boolean) {
  const bench = clusterBench({}, { requeueBudget: budget, isHttp });
  bench.source.at(80, 81);
  const x = bench.send();
  const answer = (status: number, fields: readonly (readonly [string, string])[]): void => {
    x.response.headers = HeaderList.of(fields);
    bench.transport.of(x).reply(x, status);
  };
  return { ...bench, x, answer };
}

test("an answer that says nothing was done is sent to another endpoint, whatever the method", async () => {
  const { x, answer, hearer, transport } = nacking(true);
  x.request.method = "POST";
  await settled();
  const first = transport.of(x).key;
  answer(503, [["finagle-http-nack", "true"]]);
  await settled();
  assert.notEqual(transport.of(x).key, first);
  answer(200, []);
  assert.deepEqual(hearer.of(x), ["200", "end"]);
});

test("a 503 without that field is an answer, with a bare retry-after too", async () => {
  for (const fields of [[], [["retry-after", "0"] as const]]) {
    const { x, answer, hearer } = nacking(true);
    await settled();
    answer(503, fields);
    assert.deepEqual(hearer.of(x), ["503", "end"]);
  }
});

test("a nack that nobody takes is the refusal that it stands for", async () => {
  const bench = clusterBench({}, { requeueBudget: { ...budget, balance: 0 }, isHttp: true });
  bench.source.at(80);
  const x: Exchange = bench.send();
  await settled();
  x.response.headers = HeaderList.of([["finagle-http-nack", "true"]]);
  bench.transport.of(x).reply(x, 503);
  assert.deepEqual(bench.hearer.of(x), ["upstream.refused", "end"]);
  assert.equal(x.failure?.status, 503);
});
