import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gathered } from "../../../src/admin/gathered.ts";
import { influxLines } from "../../../src/admin/influx-lines.ts";
import { flatJson, type JsonOptions, prometheusLines, treeJson } from "../../../src/admin/linkerd-formats.ts";
import { linkerdRows } from "../../../src/admin/linkerd-rows.ts";
import { linkerdBranches, type ToldOf } from "../../../src/admin/linkerd-samples.ts";
import { MinuteWindows } from "../../../src/admin/minute-windows.ts";
import { labelText, prometheusTexts } from "../../../src/admin/prometheus-text.ts";
import type { MetricSpec } from "../../../src/base/metrics.ts";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";
import { metricGroups } from "../../../scripts/metric-specs.ts";
import { serverRequestsTotal } from "../../../src/router/filters/server-stats.ts";
import { routeTable } from "../../../src/router/route-series.ts";
import { eventually, FakeClock } from "../../../src/testing/index.ts";

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
const originatorSpec: MetricSpec = {
  name: "linkspan_originator",
  type: "gauge",
  help: "Whether callers are its own.",
  labels: ["router"],
};
const pendingSpec: MetricSpec = {
  name: "linkspan_requests_pending",
  type: "gauge",
  help: "In flight.",
  labels: ["router", "service"],
};

const allOfIt: ToldOf = (_place, _metric, histogram) => histogram;

function flatOf(
  registry: MetricsRegistry,
  told: ToldOf = allOfIt,
  options: JsonOptions = {},
): Readonly<Record<string, number>> {
  const text = [...flatJson(linkerdBranches(registry), told, options)].join("");
  return text === "" ? {} : (JSON.parse(text) as Record<string, number>);
}

function example() {
  const registry = new MetricsRegistry();
  const owner = new Scope();
  const labels = { router: "http", service: "/svc/users" };
  registry.counter(requests, { ...labels, class: "success" }, owner).value = 40;
  registry.counter(requests, { ...labels, class: "failure" }, owner).value = 2;
  const latency = registry.histogram(seconds, labels, owner);
  for (const ms of [3, 3, 3, 700]) latency.record(ms);
  registry.gauge(pendingSpec, labels, owner, () => 5);
  return { registry, owner, latency };
}

describe("our own metrics", () => {
  it("are typed, explained, and have histograms in seconds with buckets that only grow", () => {
    const text = [...prometheusTexts(example().registry.streams())].join("");
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
    const pieces = gathered(prometheusTexts(registry.streams()));
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
    const flat = flatOf(example().registry);
    assert.equal(flat["rt/http/service/svc/users/requests"], 42);
    assert.equal(flat["rt/http/service/svc/users/success"], 40);
    assert.equal(flat["rt/http/service/svc/users/failures"], 2);
    assert.equal(flat["rt/http/service/svc/users/pending"], 5);
    assert.equal(flat["rt/http/service/svc/users/request_latency_ms.count"], 4);
    assert.equal(flat["rt/http/service/svc/users/request_latency_ms.max"], 700);
  });

  it("can be asked for one subtree, by whole steps", () => {
    const { registry } = example();
    const below = (subtree: string): number => Object.keys(flatOf(registry, allOfIt, { subtree })).length;
    assert.ok(below("rt/http/service/svc/users") > 5);
    assert.equal(below("rt/http/service/svc/users"), below("rt"));
    assert.equal(below("rt/http/service/svc/users/requests"), 1);
    assert.equal(below("rt/http/service/svc/use"), 0);
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
    const flat = flatOf(registry);
    assert.equal(flat["rt/http/server/0/80/requests"], 63);
    assert.equal(flat["rt/http/server/0/80/success"], 30);
    assert.equal(flat["rt/http/server/0/80/failures"], 32);
  });

  it("nest in the tree form, with leaves named for their kind", () => {
    const { registry, owner } = example();
    registry.gauge(originatorSpec, { router: "http" }, owner, () => 1);
    const tree: unknown = JSON.parse([...treeJson(linkerdBranches(registry), allOfIt)].join(""));
    assert.partialDeepStrictEqual(tree, {
      rt: {
        http: {
          originator: { gauge: 1 },
          service: { "svc/users": { requests: { counter: 42 }, pending: { gauge: 5 } } },
        },
      },
    });
    assert.equal([...treeJson([], allOfIt)].join(""), "{}\n");
  });

  it("keep the Prometheus names, with labels parted by a comma and a space, and gauges as floats", () => {
    const text = [...prometheusLines(linkerdBranches(example().registry), allOfIt)].join("");
    assert.match(text, /^rt:service:requests\{rt="http", service="svc\/users"\} 42$/m);
    assert.match(text, /^rt:service:pending\{rt="http", service="svc\/users"\} 5\.0$/m);
    assert.match(text, /^rt:service:request_latency_ms_count\{rt="http", service="svc\/users"\} 4$/m);
    assert.match(text, /^rt:service:request_latency_ms\{rt="http", service="svc\/users", quantile="0.99"\} \d/m);
  });

  it("lose a series when its owner closes", async () => {
    const { owner, registry } = example();
    await owner.close();
    assert.deepEqual(linkerdBranches(registry), []);
  });

  it("are indented and in order where they are to be read by people", () => {
    const { registry, owner } = example();
    registry.gauge(pendingSpec, { router: "http", service: "/svc/a" }, owner, () => 1);
    const text = [...flatJson(linkerdBranches(registry), allOfIt, { isPretty: true })].join("");
    assert.match(text, /^\{\n {2}"rt\/http\/service\/svc\/a\/pending": 1,\n {2}"rt.*\n\}\n$/s);
    const keys = Object.keys(JSON.parse(text) as object);
    assert.deepEqual(keys, keys.toSorted());
  });

  it("are read name by name, as far as they are taken, and only those that were asked for", () => {
    const registry = new MetricsRegistry();
    let read = 0;
    const table = registry.table(routeTable, { router: "http" }, new Scope());
    for (let n = 0; n < 5_000; n++) table.open(`/svc/${n}`, { gauge: () => read++ });
    const branches = linkerdBranches(registry);
    const formats = [
      () => flatJson(branches, allOfIt),
      () => treeJson(branches, allOfIt),
      () => prometheusLines(branches, allOfIt),
      () => influxLines(branches, allOfIt, "here"),
    ];
    for (const format of formats) {
      read = 0;
      const [first] = gathered(format());
      assert.ok(first !== undefined && read > 0 && read < 2_000, `${read} were read for the first piece`);
      read = 0;
      assert.equal([...format()].join("").match(/svc\/4999/g) !== null, true);
      assert.equal(read, 10_000);
    }
    read = 0;
    const one = flatOf(registry, allOfIt, { subtree: "rt/http/service/svc/77" });
    assert.ok(Object.keys(one).length > 5);
    assert.equal(read, 2);
  });
});

describe("a minute window", () => {
  const site = () => {
    const clock = new FakeClock();
    const { registry, latency } = example();
    let taken = 0;
    const counted = { singles: () => (taken++, registry.singles()), tables: () => registry.tables() };
    const windows = new MinuteWindows(counted, clock);
    const told: ToldOf = (...asked) => windows.windowOf(...asked);
    const count = (): number => flatOf(registry, told)["rt/http/service/svc/users/request_latency_ms.count"] ?? -1;
    const minute = async (): Promise<void> => {
      const before = taken;
      clock.advance(60_000);
      await eventually("the minute is taken down", () => taken > before && clock.waiting === 1);
    };
    return { clock, windows, latency, count, minute, taken: () => taken };
  };

  it("shows what the last whole minute recorded, and all of it before the first minute is over", async () => {
    const { windows, latency, count, minute } = site();
    using _ = windows;
    assert.equal(count(), 4);
    await minute();
    latency.record(9);
    assert.equal(count(), 4);
    await minute();
    assert.equal(count(), 1);
    await minute();
    assert.equal(count(), 0);
  });

  it("takes down nothing where nobody has read for ten minutes, and begins anew with who does", async () => {
    const { clock, windows, latency, count, minute, taken } = site();
    using _ = windows;
    clock.advance(600_000);
    assert.equal(taken(), 0);
    assert.equal(count(), 4);
    for (let times = 0; times < 10; times++) await minute();
    clock.advance(60_000);
    assert.equal(clock.waiting, 0);
    assert.equal(taken(), 10);
    assert.equal(count(), 4);
    await minute();
    await minute();
    latency.record(9);
    await minute();
    assert.equal(count(), 1);
  });

  it("is no more when the daemon ends, in the middle of it too", async () => {
    const { clock, windows, count } = site();
    count();
    clock.advance(60_000);
    windows[Symbol.dispose]();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.equal(clock.waiting, 0);
  });
});
