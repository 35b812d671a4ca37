import assert from "node:assert/strict";
import { test } from "node:test";
import { flatJson } from "../../../src/admin/linkerd-formats.ts";
import { linkerdBranches } from "../../../src/admin/linkerd-samples.ts";
import type { HistogramSnapshot } from "../../../src/base/histogram.ts";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";
import { timesColumn } from "../../../src/base/times-columns.ts";
import { Counted as Attempted, clusterTable } from "../../../src/cluster/cluster-series.ts";
import { Counted, routeTable } from "../../../src/router/route-series.ts";

const router = { router: "http" };

/** Of the service that there is. */
function perRequest(registry: MetricsRegistry): HistogramSnapshot {
  const service = linkerdBranches(registry).find(({ scope }) => scope === "service");
  for (const place of service?.places ?? []) {
    for (const [metric, histogram] of place.histograms()) if (metric === "retries/per_request") return histogram;
  }
  throw new Error("there is none");
}

/** `retries` of each request. */
function example(...retries: readonly number[]) {
  const registry = new MetricsRegistry();
  const route = registry.table(routeTable, router, new Scope()).open("/svc/users");
  const cluster = registry.table(clusterTable, router, new Scope()).open("/#/fs/users");
  const sendAll = (all: readonly number[]): void => {
    for (const each of all) {
      route.add(Counted.success);
      cluster.grow(Attempted.success, 1 + each);
      cluster.grow(Attempted.requeues, each);
      for (let n = 1; n <= each; n++) {
        const column = timesColumn(n);
        if (column === undefined) continue;
        route.add(Counted.retried + column);
        cluster.add(Attempted.requeued + column);
      }
    }
  };
  sendAll(retries);
  return { registry, sendAll };
}

test("what was counted as it happened is how often each request was retried, and each exchange requeued", () => {
  const { registry } = example(0, 0, 0, 0, 0, 0, 1, 1, 2, 3);
  const text = [...flatJson(linkerdBranches(registry), (_place, _metric, histogram) => histogram)].join("");
  const flat = JSON.parse(text) as Record<string, number>;
  for (const name of ["service/svc/users/retries/per_request", "client/#/fs/users/retries/requeues_per_request"]) {
    const read = (stat: string): number | undefined => flat[`rt/http/${name}.${stat}`];
    assert.deepEqual(["count", "min", "max", "sum", "avg"].map(read), [10, 0, 3, 7, 0.7], name);
    assert.deepEqual(["p50", "p90", "p95", "p99"].map(read), [0, 2, 3, 3], name);
  }
});

test("who was retried between two of the times that are counted is taken for the lower one", () => {
  const { registry } = example(0, 7, 12);
  const histogram = perRequest(registry);
  assert.deepEqual([histogram.max, histogram.sum], [10, 13]);
  assert.deepEqual(histogram.cumulative([0, 2, 3, 100]), [1, 1, 2, 3]);
});

test("of what a minute added only that is seen", () => {
  const { registry, sendAll } = example(0, 1, 3);
  const before = perRequest(registry);
  sendAll([2, 2, 0]);
  const { count, sum, min, max } = perRequest(registry).since(before);
  assert.deepEqual([count, sum, min, max], [3, 4, 0, 2]);
});

test("without a request there is an empty one", () => {
  const histogram = perRequest(example().registry);
  assert.deepEqual([histogram.count, histogram.max, histogram.percentile(0.99)], [0, 0, 0]);
});
