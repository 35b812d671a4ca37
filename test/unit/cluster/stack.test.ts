import assert from "node:assert/strict";
import { test } from "node:test";
import { Filter } from "../../../src/http/filter.ts";
import type { Exchange } from "../../../src/http/exchange.ts";
import { turn } from "../../../src/testing/index.ts";
import { clusterBench } from "../../fakes/cluster-bench.ts";
import { Hearer } from "../../fakes/plain-exchange.ts";

function read(bench: ReturnType<typeof clusterBench>): Record<string, number> {
  const found: Record<string, number> = {};
  for (const family of bench.metrics.families()) {
    for (const each of family.series) {
      const { router: _router, cluster: _cluster, ...rest } = each.labels;
      const name = [family.spec.name, ...Object.values(rest)].join(" ");
      if ("value" in each) found[name] = each.value;
    }
  }
  return found;
}

test("a cluster answers to the tier that the exchange came through", async () => {
  const { source, send, transport, hearer } = clusterBench();
  source.at(80);
  const [mine, others] = [send(), send()];
  const other = new Hearer();
  others.routeTier = other;
  await turn();
  transport.of(mine).reply(mine);
  transport.of(others).reply(others, 404);
  assert.deepEqual(hearer.of(mine), ["200", "end"]);
  assert.deepEqual(other.of(others), ["404", "end"]);
});

test("the series of a cluster count its attempts, endpoints and connections, and go when it closes", async () => {
  const bench = clusterBench();
  bench.transport.listening.set("10.0.0.1:81", "refuses");
  bench.source.at(80, 81);
  for (let n = 0; n < 6; n++) {
    const x = bench.send();
    for (let turns = 0; turns < 4; turns++) await turn();
    bench.transport.of(x).reply(x, n === 0 ? 500 : 200);
  }
  const last = bench.send();
  const series = read(bench);
  assert.equal(series["linkspan_attempts_total success"], 5);
  assert.equal(series["linkspan_attempts_total failure"], 2, "the answer of 500, and the refused connect");
  assert.equal(series["linkspan_requeues_total"], 1);
  assert.equal(series["linkspan_endpoints open"], 1);
  assert.equal(series["linkspan_endpoints busy"], 1);
  assert.equal(series["linkspan_upstream_connections open"], 1);
  assert.equal(series["linkspan_upstream_connections idle"], 0);
  assert.equal(series["linkspan_attempts_pending"], 1);
  bench.transport.of(last).reply(last);
  await bench.tier.close();
  assert.deepEqual(read(bench), {});
});

test("what a cluster counts beside its requests: endpoints that came and left, and the sets that it was told", async () => {
  const bench = clusterBench();
  bench.source.at(80, 81, 82);
  bench.source.at(81, 82, 83);
  bench.source.at(81, [82, 0.5], 83);
  const series = read(bench);
  assert.equal(series["linkspan_endpoint_changes_total added"], 4);
  assert.equal(series["linkspan_endpoint_changes_total removed"], 1);
  assert.equal(series["linkspan_address_updates_total"], 3);
  await bench.tier.close();
});

test("filters that the router gives stand above the cluster's own", async () => {
  const seen: string[] = [];
  class Above extends Filter {
    override dispatch(x: Exchange): void {
      seen.push("dispatch");
      this.next.dispatch(x);
    }
    override finish(x: Exchange): void {
      seen.push("finish");
      this.prev.finish(x);
    }
  }
  const { source, send, transport } = clusterBench({}, { filters: [new Above()] });
  transport.listening.set("10.0.0.1:80", "refuses");
  source.at(80, 81);
  const x = send();
  for (let turns = 0; turns < 4; turns++) await turn();
  transport.of(x).reply(x);
  assert.deepEqual(seen, ["dispatch", "finish"]);
});
