import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import type { MetricSpec } from "../../../src/base/metrics.ts";
import { Scope } from "../../../src/base/scope.ts";

const requests: MetricSpec = {
  name: "requests_total",
  type: "counter",
  help: "Requests.",
  labels: ["router", "service"],
};
const parked: MetricSpec = { name: "parked", type: "gauge", help: "Parked.", labels: [] };
const seconds: MetricSpec = { name: "request_seconds", type: "histogram", help: "Latency.", labels: ["router"] };

describe("the registry of metrics", () => {
  it("shows every series in the order of the names", () => {
    const registry = new MetricsRegistry();
    const owner = new Scope();
    registry.counter(requests, { router: "in", service: "users" }, owner).value += 2;
    registry.histogram(seconds, { router: "in" }, owner).record(5);
    registry.gauge(parked, {}, owner, () => 7);
    const families = registry.families();
    assert.deepEqual(
      families.map(({ spec }) => spec.name),
      ["parked", "request_seconds", "requests_total"],
    );
    assert.deepEqual(families[0]?.series, [{ labels: {}, value: 7 }]);
    assert.deepEqual(families[2]?.series, [{ labels: { router: "in", service: "users" }, value: 2 }]);
    const histogram = families[1]?.series[0];
    assert.ok(histogram && "histogram" in histogram);
    assert.equal(histogram.histogram.count, 1);
  });

  it("gives the same handle for the same name and labels, whatever their order, until its last owner has closed", async () => {
    const registry = new MetricsRegistry();
    const [one, two] = [new Scope(), new Scope()];
    const first = registry.counter(requests, { router: "in", service: "users" }, one);
    assert.equal(registry.counter(requests, { service: "users", router: "in" }, two), first);
    assert.notEqual(registry.counter(requests, { router: "in", service: "other" }, one), first);
    await one.close();
    assert.equal(registry.families()[0]?.series.length, 1);
    await two.close();
    assert.deepEqual(registry.families(), []);
  });

  it("adds up the gauges of several owners and drops each with its owner", async () => {
    const registry = new MetricsRegistry();
    const [one, two] = [new Scope(), new Scope()];
    registry.gauge(parked, {}, one, () => 1);
    registry.gauge(parked, {}, two, () => 10);
    assert.deepEqual(registry.families()[0]?.series, [{ labels: {}, value: 11 }]);
    await one.close();
    assert.deepEqual(registry.families()[0]?.series, [{ labels: {}, value: 10 }]);
  });

  it("tells label values apart that look alike when joined", () => {
    const registry = new MetricsRegistry();
    const owner = new Scope();
    registry.counter(requests, { router: "a1", service: "b" }, owner);
    registry.counter(requests, { router: "a", service: "1b" }, owner);
    registry.counter(requests, { router: "a1:", service: "b" }, owner);
    assert.equal(registry.families()[0]?.series.length, 3);
  });

  it("refuses labels, types and names that do not fit the table", () => {
    const registry = new MetricsRegistry();
    const owner = new Scope();
    assert.throws(() => registry.counter(requests, { router: "in" }, owner), /has the labels router, service/);
    assert.throws(() => registry.counter(parked, {}, owner), /parked is a gauge, not a counter/);
    registry.gauge(parked, {}, owner, () => 0);
    assert.throws(() => registry.counter({ ...parked, type: "counter" }, {}, owner), /exists with another type/);
  });
});
