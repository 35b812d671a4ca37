import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { flatJson, prometheusLines, treeJson } from "../../../src/admin/linkerd-formats.ts";
import { linkerdRows, linkerdSamples } from "../../../src/admin/linkerd-samples.ts";
import { MinuteWindows } from "../../../src/admin/minute-windows.ts";
import { labelText, prometheusPieces } from "../../../src/admin/prometheus-text.ts";
import type { MetricSpec } from "../../../src/base/metrics.ts";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";
import { metricGroups } from "../../../scripts/metric-specs.ts";
import { serverRequestsTotal } from "../../../src/router/filters/server-stats.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

const requests: MetricSpec = {
  name: "linkspan_requests_total",
  type: "counter",
  help: "Requests by class.",
  labels: ["router", "service", "class"],
};
const seconds: MetricSpec = {
  name: "linkspan_request_seconds",
  type: "histogram",
  help: "Time to the head of the answer.",
  labels: ["router", "service"],
};
const pendingSpec: MetricSpec = {
  name: "linkspan_requests_pending",
  type: "gauge",
  help: "In flight.",
  labels: ["router", "service"],
};

function example() {
  const registry = new MetricsRegistry();
  const owner = new Scope();
  const labels = { router: "http", service: "/svc/users" };
  registry.counter(requests, { ...labels, class: "success" }, owner).value = 40;
  registry.counter(requests, { ...labels, class: "failure" }, owner).value = 2;
  const latency = registry.histogram(seconds, labels, owner);
  for (const ms of [3, 3, 3, 700]) latency.record(ms);
  registry.gauge(pendingSpec, labels, owner, () => 5);
  const samples = () => linkerdSamples(registry.families(), (_key, histogram) => histogram);
  return { registry, owner, latency, samples };
}

describe("our own metrics", () => {
  it("are typed, explained, and have histograms in seconds with buckets that only grow", () => {
    const text = [...prometheusPieces(example().registry.streams())].join("");
    assert.match(text, /# TYPE linkspan_requests_total counter/);
    assert.match(text, /linkspan_requests_total\{router="http",service="\/svc\/users",class="success"\} 40\n/);
    assert.match(text, /linkspan_request_seconds_bucket\{router="http",service="\/svc\/users",le="0.005"\} 3\n/);
    assert.match(text, /linkspan_request_seconds_bucket\{router="http",service="\/svc\/users",le="\+Inf"\} 4\n/);
    assert.match(text, /linkspan_request_seconds_sum\{router="http",service="\/svc\/users"\} 0\.709/);
    const counts = [...text.matchAll(/_bucket\{[^}]*\} (\d+)/g)].map((match) => Number(match[1]));
    assert.deepEqual(
      counts,
      [...counts].sort((a, b) => a - b),
    );
  });

  it("come in pieces where there are many, each metric explained once, and nothing is made before it is asked for", () => {
    const registry = new MetricsRegistry();
    let read = 0;
    for (let n = 0; n < 5_000; n++) {
      const labels = { router: "http", service: `/svc/${n}` };
      registry.gauge(pendingSpec, labels, new Scope(), () => read++);
    }
    const pieces = prometheusPieces(registry.streams());
    const first = pieces.next().value ?? "";
    assert.ok(read < 2_000, `${read} were read for the first piece`);
    const text = [first, ...pieces].join("");
    assert.equal(read, 5_000);
    assert.equal(text.match(/^# TYPE/gm)?.length, 1);
    assert.equal(text.match(/^linkspan_requests_pending\{/gm)?.length, 5_000);
  });

  it("escape what label values may hold", () => {
    assert.equal(labelText({ a: 'x"y\\z\n' }), '{a="x\\"y\\\\z\\n"}');
  });
});

describe("Linkerd 1's metrics", () => {
  it("keep the flat names of metrics.json, with requests as the sum of all classes", () => {
    const flat = flatJson(example().samples(), undefined);
    assert.equal(flat["rt/http/service/svc/users/requests"], 42);
    assert.equal(flat["rt/http/service/svc/users/success"], 40);
    assert.equal(flat["rt/http/service/svc/users/failures"], 2);
    assert.equal(flat["rt/http/service/svc/users/pending"], 5);
    assert.equal(flat["rt/http/service/svc/users/request_latency_ms.count"], 4);
    assert.equal(flat["rt/http/service/svc/users/request_latency_ms.max"], 700);
  });

  it("can be asked for one subtree, by whole steps", () => {
    const { samples } = example();
    assert.equal(Object.keys(flatJson(samples(), "rt/http/service/svc/users")).length > 5, true);
    assert.deepEqual(flatJson(samples(), "rt/http/service/svc/use"), {});
  });

  it("come from metrics that exist, by labels that these have", () => {
    const specs = new Map(metricGroups.flatMap((group) => group.specs.map((spec) => [spec.name, spec])));
    const scopes = { router: "router", server: "server", service: "service", client: "cluster" };
    for (const { from, where, scope } of linkerdRows) {
      const labels = specs.get(from)?.labels ?? [];
      for (const label of ["router", scopes[scope], ...Object.keys(where ?? {})]) {
        assert.ok(labels.includes(label), `${from} has no label ${label}`);
      }
    }
  });

  it("call a server's answers below 500 its successes, and leave out callers that left", () => {
    const registry = new MetricsRegistry();
    const counts = { none: 1, "1xx": 2, "2xx": 4, "3xx": 8, "4xx": 16, "5xx": 32 };
    for (const [status, value] of Object.entries(counts)) {
      registry.counter(serverRequestsTotal, { router: "http", server: "0/80", status }, new Scope()).value = value;
    }
    const flat = flatJson(
      linkerdSamples(registry.families(), (_key, histogram) => histogram),
      undefined,
    );
    assert.equal(flat["rt/http/server/0/80/requests"], 63);
    assert.equal(flat["rt/http/server/0/80/success"], 30);
    assert.equal(flat["rt/http/server/0/80/failures"], 32);
  });

  it("nest in the tree form, with leaves named for their kind", () => {
    const tree = treeJson(example().samples());
    const service = (
      tree as never as Record<string, Record<string, Record<string, Record<string, Record<string, unknown>>>>>
    )["rt"]?.["http"]?.["service"]?.["svc/users"];
    assert.deepEqual(service?.["requests"], { counter: 42 });
    assert.deepEqual(service?.["pending"], { gauge: 5 });
  });

  it("keep the Prometheus names, with labels parted by a comma and a space, and gauges as floats", () => {
    const text = prometheusLines(example().samples());
    assert.match(text, /^rt:service:requests\{rt="http", service="svc\/users"\} 42$/m);
    assert.match(text, /^rt:service:pending\{rt="http", service="svc\/users"\} 5\.0$/m);
    assert.match(text, /^rt:service:request_latency_ms_count\{rt="http", service="svc\/users"\} 4$/m);
    assert.match(text, /^rt:service:request_latency_ms\{rt="http", service="svc\/users", quantile="0.99"\} \d/m);
  });

  it("lose a series when its owner closes", async () => {
    const { owner, samples } = example();
    await owner.close();
    assert.deepEqual(samples(), []);
  });
});

describe("a minute window", () => {
  it("shows what the last whole minute recorded, and all of it before the first minute is over", async () => {
    const clock = new FakeClock();
    const { registry, latency } = example();
    using windows = new MinuteWindows(registry, clock);
    const count = (): number => {
      const flat = flatJson(
        linkerdSamples(registry.families(), (key, now) => windows.windowOf(key, now)),
        undefined,
      );
      return flat["rt/http/service/svc/users/request_latency_ms.count"] ?? -1;
    };
    assert.equal(count(), 4);
    clock.advance(60_000);
    latency.record(9);
    assert.equal(count(), 4);
    clock.advance(60_000);
    assert.equal(count(), 1);
    clock.advance(60_000);
    assert.equal(count(), 0);
  });

  it("takes down nothing where nobody has read for ten minutes, and begins anew with who does", () => {
    const clock = new FakeClock();
    const { registry, latency } = example();
    let taken = 0;
    const counted = { families: () => (taken++, registry.families()) };
    using windows = new MinuteWindows(counted, clock);
    clock.advance(600_000);
    assert.equal(taken, 0);
    const count = (): number => {
      const flat = flatJson(
        linkerdSamples(registry.families(), (key, now) => windows.windowOf(key, now)),
        undefined,
      );
      return flat["rt/http/service/svc/users/request_latency_ms.count"] ?? -1;
    };
    assert.equal(count(), 4);
    for (let minute = 0; minute < 60; minute++) clock.advance(60_000);
    assert.equal(taken, 10);
    assert.equal(count(), 4);
    for (let minute = 0; minute < 2; minute++) clock.advance(60_000);
    latency.record(9);
    clock.advance(60_000);
    assert.equal(count(), 1);
  });
});
