import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import type { GaugeSource, MetricSpec, TableSpec } from "../../../src/base/metrics.ts";
import { Scope } from "../../../src/base/scope.ts";

const labels = ["router", "service"];
const requests: MetricSpec = { name: "requests_total", type: "counter", help: "Ends.", labels: [...labels, "class"] };
const retries: MetricSpec = { name: "retries_total", type: "counter", help: "Retries.", labels };
const pending: MetricSpec = { name: "pending", type: "gauge", help: "Now.", labels };
const seconds: MetricSpec = { name: "request_seconds", type: "histogram", help: "Times.", labels };
const services: TableSpec = {
  by: "service",
  counters: [
    { spec: requests, labels: { class: "success" } },
    { spec: requests, labels: { class: "failure" } },
    { spec: retries },
  ],
  gauges: [{ spec: pending }],
  histogram: seconds,
};
const http = { router: "http" };
const shows = (value: number): GaugeSource => ({ gauge: () => value });

/** `name{labels} value`, a histogram by its count. */
function shown(registry: MetricsRegistry): string[] {
  return registry.families().flatMap(({ spec, series }) =>
    series.map((each) => {
      const value = "value" in each ? each.value : each.histogram.count;
      return `${spec.name}{${Object.values(each.labels).join()}} ${value}`;
    }),
  );
}

describe("a table of series", () => {
  it("shows of each row its counters, gauges and histogram, among the series of the same names", () => {
    const registry = new MetricsRegistry();
    const row = registry.table(services, http, new Scope()).open("users", shows(7));
    row.add(0);
    row.add(0);
    row.add(2);
    row.record(5);
    registry.counter(retries, { router: "other", service: "x" }, new Scope());
    assert.deepEqual(shown(registry), [
      "pending{http,users} 7",
      "request_seconds{http,users} 1",
      "requests_total{http,users,success} 2",
      "requests_total{http,users,failure} 0",
      "retries_total{other,x} 0",
      "retries_total{http,users} 1",
    ]);
    assert.equal(row.count(0), 2);
    assert.ok(row.times().percentile(0.5) > 4.9);
  });

  it("grows a counter by any number, and begins to show a rare one with its first event", () => {
    const registry = new MetricsRegistry();
    const rare: TableSpec = { ...services, counters: [{ spec: retries, isRare: true }], gauges: [] };
    const row = registry.table(rare, http, new Scope()).open("users");
    assert.deepEqual(shown(registry), ["request_seconds{http,users} 0"]);
    row.grow(0, 2.5);
    assert.deepEqual(shown(registry), ["request_seconds{http,users} 0", "retries_total{http,users} 2.5"]);
  });

  it("has one row for all who open the same name, with the sum of their gauges, until the last one closes it", () => {
    const registry = new MetricsRegistry();
    const table = registry.table(services, http, new Scope());
    const sources = [shows(1), shows(10), shows(100)];
    const rows = sources.map((each) => table.open("users", each));
    for (const row of rows) row.add(0);
    assert.deepEqual(shown(registry).slice(0, 1), ["pending{http,users} 111"]);
    rows[0]?.close(sources[0]);
    assert.deepEqual(shown(registry).slice(0, 1), ["pending{http,users} 110"]);
    rows[2]?.close(sources[2]);
    assert.deepEqual(shown(registry).slice(0, 3).at(-1), "requests_total{http,users,success} 3");
    rows[1]?.close(sources[1]);
    assert.deepEqual(shown(registry), []);
    table.open("users").add(0);
    assert.ok(shown(registry).includes("requests_total{http,users,success} 1"));
  });

  it("gives one row to those who look at few of them often, while it is open", () => {
    const registry = new MetricsRegistry();
    const row = registry.table(services, http, new Scope()).open("users");
    row.add(0);
    row.record(7);
    assert.equal(registry.row(services, http, "users")?.count(0), 1);
    assert.equal(registry.row(services, http, "users")?.times().count, 1);
    assert.equal(registry.row(services, http, "carts"), undefined);
    assert.equal(registry.row(services, { router: "other" }, "users"), undefined);
    row.close();
    assert.equal(registry.row(services, http, "users"), undefined);
  });

  it("shows no gauges of a row where nobody says what they are", () => {
    const registry = new MetricsRegistry();
    registry.table(services, http, new Scope()).open("unbound");
    assert.ok(shown(registry).every((each) => !each.startsWith("pending")));
  });

  it("is the same for all who ask for it with the same labels, and goes with the last scope of theirs", async () => {
    const registry = new MetricsRegistry();
    const [one, two] = [new Scope(), new Scope()];
    const table = registry.table(services, http, one);
    assert.equal(registry.table(services, http, two), table);
    assert.notEqual(registry.table(services, { router: "other" }, two), table);
    table.open("users");
    await one.close();
    assert.notDeepEqual(shown(registry), []);
    await two.close();
    assert.deepEqual(shown(registry), []);
  });

  it("refuses columns whose type or labels do not fit", () => {
    const table = (spec: Partial<TableSpec>) => () =>
      new MetricsRegistry().table({ ...services, ...spec }, http, new Scope());
    assert.throws(table({ counters: [{ spec: pending }] }), /pending is a gauge, not a counter/);
    assert.throws(table({ gauges: [{ spec: { ...pending, labels: ["router"] } }] }), /has the labels router, not/);
    assert.throws(table({ by: "cluster" }), /requests_total has the labels/);
  });
});
