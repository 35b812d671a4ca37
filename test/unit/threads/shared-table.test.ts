/** Tests of tables of several threads: what a worker counts in a row, and what the control thread adds up. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import type { GaugeSource, SeriesTable, TableSpec } from "../../../src/base/metrics.ts";
import { Scope } from "../../../src/base/scope.ts";
import { atOnce } from "../../../src/base/turn.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { SharedMetrics } from "../../../src/threads/shared-metrics.ts";
import { SummedMetrics } from "../../../src/threads/summed-metrics.ts";

const labels = ["router", "service"];
const services: TableSpec = {
  by: "service",
  counters: [{ spec: { name: "requests_total", type: "counter", help: "Requests.", labels } }],
  gauges: [{ spec: { name: "pending", type: "gauge", help: "Now.", labels } }],
  histogram: { name: "request_seconds", type: "histogram", help: "Times.", labels },
};
const shows = (value: number): GaugeSource => ({ gauge: () => value });

const turns = async (): Promise<void> => {
  for (let n = 0; n < 4; n++) await Promise.resolve();
};

function join(sum: SummedMetrics) {
  const metrics = new SharedMetrics();
  const told = sum.worker();
  metrics.attach((news) => queueMicrotask(() => metrics.freed(told.hear(structuredClone(news)))));
  const table: SeriesTable = metrics.table(services, { router: "http" }, new Scope());
  return { metrics, told, table };
}

function shown(sum: SummedMetrics): string[] {
  return sum.families().flatMap(({ spec, series }) =>
    series.map((each) => {
      const value = "value" in each ? each.value : `${each.histogram.count}/${each.histogram.max}`;
      return `${spec.name}{${Object.values(each.labels).join()}} ${value}`;
    }),
  );
}

it("rows of one name are added up over all workers, gauges as they were read last", async () => {
  const sum = new SummedMetrics(new MetricsRegistry(), new FakeClock());
  for (const [at, { metrics, table }] of [join(sum), join(sum)].entries()) {
    const row = table.open("users", shows(5 + at));
    row.add(0);
    row.grow(0, 4);
    row.record(10 * (at + 1));
    atOnce(metrics.readGauges());
  }
  await turns();
  assert.deepEqual(shown(sum), [
    "pending{http,users} 11",
    "request_seconds{http,users} 2/20",
    "requests_total{http,users} 10",
  ]);
  assert.equal(sum.row(services, { router: "http" }, "users")?.count(0), 10);
  assert.equal(sum.row(services, { router: "http" }, "carts"), undefined);
});

it("what a worker counted stays while another has the row, and for ten minutes when it died with it", async () => {
  const clock = new FakeClock();
  const sum = new SummedMetrics(new MetricsRegistry(), clock);
  const [first, second] = [join(sum), join(sum)];
  const [one, two] = [first.table.open("users", shows(1)), second.table.open("users")];
  for (const row of [one, two, two]) row.add(0);
  two.record(7);
  await turns();
  second.told[Symbol.dispose]();
  assert.deepEqual(shown(sum).slice(-2), ["request_seconds{http,users} 1/7", "requests_total{http,users} 3"]);
  first.told[Symbol.dispose]();
  assert.deepEqual(shown(sum), ["request_seconds{http,users} 1/7", "requests_total{http,users} 3"]);
  clock.advance(599_999);
  assert.equal(shown(sum).length, 2);
  clock.advance(1);
  assert.deepEqual(shown(sum), []);
});

it("a row that is closed is gone, and its place is used again, empty", async () => {
  const sum = new SummedMetrics(new MetricsRegistry(), new FakeClock());
  const { table } = join(sum);
  const gauges = shows(1);
  const row = table.open("users", gauges);
  row.add(0);
  row.record(3);
  await turns();
  row.close(gauges);
  await turns();
  assert.deepEqual(shown(sum), []);
  const next = table.open("others");
  assert.deepEqual([next.count(0), next.times().count], [0, 0]);
  next.record(9);
  await turns();
  assert.deepEqual(shown(sum).slice(-2), ["request_seconds{http,others} 1/9", "requests_total{http,others} 0"]);
});

it("the next control thread is told of all rows that are open", async () => {
  const worker = join(new SummedMetrics(new MetricsRegistry(), new FakeClock()));
  worker.table.open("users").add(0);
  await turns();
  worker.metrics.detach();
  worker.table.open("closed").close();
  const sum = new SummedMetrics(new MetricsRegistry(), new FakeClock());
  const told = sum.worker();
  worker.metrics.attach((news) => worker.metrics.freed(told.hear(structuredClone(news))));
  await turns();
  assert.deepEqual(
    shown(sum).filter((each) => each.startsWith("requests_total")),
    ["requests_total{http,users} 1"],
  );
});

it("the gauges of very many rows are read some at a time", () => {
  const { metrics, table } = join(new SummedMetrics(new MetricsRegistry(), new FakeClock()));
  for (let n = 0; n < 1_200; n++) table.open(`/svc/${n}`);
  assert.equal([...metrics.readGauges()].length, 2);
});
