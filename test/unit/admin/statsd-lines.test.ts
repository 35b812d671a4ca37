import assert from "node:assert/strict";
import { test } from "node:test";
import { linkerdBranches } from "../../../src/admin/linkerd-samples.ts";
import { StatsdLines } from "../../../src/admin/statsd-lines.ts";
import type { MetricSpec } from "../../../src/base/metrics.ts";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";

const attempts: MetricSpec = {
  name: "linkspan_attempts_total",
  type: "counter",
  help: "Attempts.",
  labels: ["router", "cluster", "result"],
};
const seconds: MetricSpec = {
  name: "linkspan_attempt_seconds",
  type: "histogram",
  help: "Time.",
  labels: ["router", "cluster"],
};
const pending: MetricSpec = {
  name: "linkspan_attempts_pending",
  type: "gauge",
  help: "In flight.",
  labels: ["router", "cluster"],
};

function site() {
  const registry = new MetricsRegistry();
  const owner = new Scope();
  const labels = { router: "http", cluster: "/#/io.l5d.fs/web" };
  const counter = registry.counter(attempts, { ...labels, result: "success" }, owner);
  const latency = registry.histogram(seconds, labels, owner);
  registry.gauge(pending, labels, owner, () => 5);
  const lines = new StatsdLines("linkerd");
  const next = (): readonly string[] => [...lines.next(linkerdBranches(registry))].flat();
  return { registry, owner, counter, latency, lines, next };
}

const client = "linkerd.rt.http.client._.io_l5d_fs.web";

test("names are Linkerd 1's, counters tell what is new, gauges what is", () => {
  const { counter, next } = site();
  counter.value = 40;
  const first = next();
  assert.ok(first.includes(`${client}.requests:40|c`), first.join("\n"));
  assert.ok(first.includes(`${client}.success:40|c`));
  assert.ok(first.includes(`${client}.pending:5|g`));
  assert.ok(first.includes(`${client}.loadbalancer.load:5|g`));
  counter.value = 43;
  assert.ok(next().includes(`${client}.requests:3|c`));
  const third = next();
  assert.ok(!third.some((line) => line.includes(".requests:")), third.join("\n"));
  counter.value = 2;
  assert.ok(next().includes(`${client}.requests:2|c`), "a counter that has begun anew");
});

test("each time that was recorded is told once, as often as it was", () => {
  const { latency, next } = site();
  for (const ms of [3, 3, 3, 3, 700]) latency.record(ms);
  const timings = (lines: readonly string[]): readonly string[] =>
    lines.filter((line) => line.startsWith(`${client}.request_latency_ms:`)).map((line) => line.split(":")[1] ?? "");
  const [short = "", long = "", ...others] = timings(next());
  assert.deepEqual(others, []);
  assert.match(short, /^(?:2\.\d+|3(?:\.\d+)?)\|ms\|@0\.25$/);
  assert.ok(Math.abs(Number.parseFloat(long) - 700) < 42, long);
  assert.match(long, /\|ms$/);
  assert.deepEqual(timings(next()), []);
  latency.record(3);
  assert.equal(timings(next()).length, 1);
});

test("of many names some are told at a time, and who does not take all gets the rest the next time", () => {
  const { registry, owner, lines, next } = site();
  const counters = Array.from({ length: 200 }, (_, n) =>
    registry.counter(attempts, { router: "http", cluster: `/#/fs/${n}`, result: "success" }, owner),
  );
  next();
  for (const counter of counters) counter.value = 7;
  const rounds = lines.next(linkerdBranches(registry));
  const first = (rounds.next().value as readonly string[]).filter((line) => line.endsWith(".requests:7|c"));
  rounds.return(undefined);
  assert.ok(first.length > 0 && first.length < 100, `${first.length}`);
  const rest = next().filter((line) => line.endsWith(".requests:7|c"));
  assert.equal(new Set([...first, ...rest]).size, 200);
  assert.equal(rest.length, 200 - first.length);
});
