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

/** So many attempts that nobody sends again, one each 100 ms. */
async function nackedFor(bench: ReturnType<typeof clusterBench>, attempts: number): Promise<void> {
  for (let n = 0; n < attempts; n++) {
    bench.clock.advance(100);
    const x = bench.send();
    await settled();
    if (x.failure?.code === "cluster.overloaded") continue;
    x.response.headers = HeaderList.of([["finagle-http-nack", "true"]]);
    bench.transport.of(x).reply(x, 503);
  }
}

test("where nearly all is refused for minutes, three of four attempts are not sent; and all are, when it is over", async () => {
  const bench = clusterBench({}, { requeueBudget: { ...budget, balance: 0 }, isHttp: true });
  bench.source.at(80);
  const shed = (): number => {
    const series = bench.metrics.families().find(({ spec }) => spec.name === "linkspan_nack_shed_total")?.series[0];
    return series !== undefined && "value" in series ? series.value : 0;
  };
  await nackedFor(bench, 800);
  assert.equal(shed(), 0, "in the first eighty seconds the share of what was accepted is above a half");
  await nackedFor(bench, 2_000);
  const before = shed();
  await nackedFor(bench, 1_000);
  assert.ok(Math.abs(shed() - before - 750) < 60, `${shed() - before} of 1,000`);
  for (let n = 0; n < 4_000; n++) {
    bench.clock.advance(1_000);
    const x = bench.send();
    await settled();
    bench.transport.of(x).reply(x);
  }
  const after = shed();
  await nackedFor(bench, 100);
  assert.equal(shed(), after);
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
