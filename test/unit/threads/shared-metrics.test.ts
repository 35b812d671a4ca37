/** Tests of the metrics of several threads: what a worker writes, and what the control thread adds up. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { MetricSpec } from "../../../src/base/metrics.ts";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";
import { atOnce } from "../../../src/base/turn.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import type { MetricNews } from "../../../src/threads/protocol.ts";
import { SharedMetrics } from "../../../src/threads/shared-metrics.ts";
import { SummedMetrics, type WorkerMetrics } from "../../../src/threads/summed-metrics.ts";

const requests: MetricSpec = { name: "requests_total", type: "counter", help: "Requests.", labels: ["router"] };
const seconds: MetricSpec = { name: "request_seconds", type: "histogram", help: "Times.", labels: ["router"] };
const pending: MetricSpec = { name: "pending", type: "gauge", help: "Now.", labels: ["router"] };
const http = { router: "http" };

const turn = (): Promise<void> => Promise.resolve();

interface Joined {
  readonly metrics: SharedMetrics;
  readonly scope: Scope;
  told: WorkerMetrics;
}

function join(sum: SummedMetrics, worker: Omit<Joined, "told"> = { metrics: new SharedMetrics(), scope: new Scope() }) {
  const told = sum.worker();
  const { metrics } = worker;
  metrics.attach((news) => queueMicrotask(() => metrics.freed(told.hear(structuredClone(news)))));
  return { ...worker, told };
}

/** `name{router} value`, a histogram by its count. */
function shown(sum: SummedMetrics): string[] {
  return sum.families().flatMap(({ spec, series }) =>
    series.map((each) => {
      const value = "value" in each ? each.value : `${each.histogram.count}/${each.histogram.max}`;
      return `${spec.name}{${Object.values(each.labels).join()}} ${value}`;
    }),
  );
}

it("counters, gauges and histograms of all workers are added up, beside the control thread's own", async () => {
  const own = new MetricsRegistry();
  own.counter({ ...requests, name: "own_total" }, http, new Scope()).value = 3;
  const sum = new SummedMetrics(own, new FakeClock());
  const workers = [join(sum), join(sum)];
  for (const [at, { metrics, scope }] of workers.entries()) {
    const counter = metrics.counter(requests, http, scope);
    counter.value++;
    counter.value += at;
    metrics.histogram(seconds, http, scope).record(10 * (at + 1));
    metrics.gauge(pending, http, scope, () => 5);
    metrics.gauge(pending, http, scope, () => at);
  }
  await turn();
  await turn();
  assert.deepEqual(shown(sum), [
    "own_total{http} 3",
    "pending{http} 0",
    "request_seconds{http} 2/20",
    "requests_total{http} 3",
  ]);
  for (const { metrics } of workers) atOnce(metrics.readGauges());
  assert.equal(shown(sum)[1], "pending{http} 11");
});

it("a total never goes down while anybody has the series: neither by a close nor by a death", async () => {
  const sum = new SummedMetrics(new MetricsRegistry(), new FakeClock());
  const first = join(sum);
  const second = join(sum);
  first.metrics.counter(requests, http, first.scope).value = 10;
  second.metrics.counter(requests, http, second.scope).value = 1;
  second.metrics.histogram(seconds, http, second.scope).record(7);
  await turn();
  await turn();
  await first.scope.close();
  await turn();
  await turn();
  assert.deepEqual(shown(sum), ["request_seconds{http} 1/7", "requests_total{http} 11"]);
  second.told[Symbol.dispose]();
  assert.deepEqual(shown(sum), ["request_seconds{http} 1/7", "requests_total{http} 11"]);
  const third = join(sum);
  third.metrics.counter(requests, http, third.scope).value = 1;
  await turn();
  await turn();
  assert.equal(shown(sum)[1], "requests_total{http} 12");
  await third.scope.close();
  await turn();
  await turn();
  assert.deepEqual(shown(sum), ["request_seconds{http} 1/7"]);
});

it("what only a dead worker counted is shown for ten minutes; its gauges are over", async () => {
  const clock = new FakeClock();
  const sum = new SummedMetrics(new MetricsRegistry(), clock);
  const worker = join(sum);
  worker.metrics.counter(requests, http, worker.scope).value = 10;
  worker.metrics.gauge(pending, http, worker.scope, () => 1);
  await turn();
  await turn();
  worker.told[Symbol.dispose]();
  assert.deepEqual(shown(sum), ["requests_total{http} 10"]);
  clock.advance(599_999);
  assert.deepEqual(shown(sum), ["requests_total{http} 10"]);
  clock.advance(1);
  assert.deepEqual(shown(sum), []);
});

it("a slot is used again only when the control thread does not read it any more", async () => {
  const metrics = new SharedMetrics();
  const told: MetricNews[] = [];
  metrics.attach((news) => void told.push(...news));
  const scope = new Scope();
  const slotOf = (router: string): number => {
    metrics.counter(requests, { router }, scope).value = 1;
    return told.findLast((news) => news.type === "series")?.at ?? NaN;
  };
  const closing = new Scope();
  metrics.counter(requests, http, closing).value = 10;
  await turn();
  await closing.close();
  slotOf("second");
  await turn();
  assert.deepEqual(
    told.map((news) => [news.type, "id" in news ? news.id : 0, "at" in news ? news.at : 0]),
    [
      ["reset", 0, 0],
      ["family", 0, 0],
      ["page", 0, 0],
      ["series", 1, 0],
      ["gone", 1, 0],
      ["series", 2, 1],
    ],
  );
  metrics.freed([1]);
  const third = metrics.counter(requests, { router: "third" }, scope);
  assert.equal(third.value, 0);
  await turn();
  assert.equal(slotOf("fourth"), 0);
});

it("the next control thread is told of everything there is, and nothing that was closed meanwhile", async () => {
  const worker = join(new SummedMetrics(new MetricsRegistry(), new FakeClock()));
  const closing = new Scope();
  worker.metrics.counter(requests, http, worker.scope).value = 4;
  worker.metrics.counter(requests, { router: "closed" }, closing).value = 9;
  await turn();
  worker.metrics.detach();
  await closing.close();
  worker.metrics.counter(requests, { router: "new" }, worker.scope).value = 1;
  const sum = new SummedMetrics(new MetricsRegistry(), new FakeClock());
  join(sum, worker);
  await turn();
  await turn();
  assert.deepEqual(shown(sum), ["requests_total{http} 4", "requests_total{new} 1"]);
});

it("who missed something is told everything again, and counts nothing twice", async () => {
  const sum = new SummedMetrics(new MetricsRegistry(), new FakeClock());
  const told = sum.worker();
  const metrics = new SharedMetrics();
  const scope = new Scope();
  let isMissing = false;
  metrics.attach((news) => {
    if (!isMissing) metrics.freed(told.hear(news));
  });
  const closing = new Scope();
  metrics.counter(requests, http, scope).value = 4;
  metrics.counter(requests, { router: "closed" }, closing).value = 9;
  await turn();
  isMissing = true;
  await closing.close();
  metrics.counter(requests, { router: "new" }, scope).value = 1;
  await turn();
  assert.deepEqual(shown(sum), ["requests_total{http} 4", "requests_total{closed} 9"]);
  isMissing = false;
  metrics.repeat();
  await turn();
  assert.deepEqual(shown(sum), ["requests_total{http} 4", "requests_total{new} 1"]);
});

it("a name has one type and one set of labels", () => {
  const metrics = new SharedMetrics();
  const scope = new Scope();
  metrics.counter(requests, http, scope);
  assert.throws(() => metrics.histogram(requests, http, scope), /requests_total is a counter/);
  assert.throws(() => metrics.counter({ ...requests, labels: ["other"] }, { other: "x" }, scope), /other labels/);
  assert.throws(() => metrics.counter(requests, {}, scope), /has the labels router/);
});
