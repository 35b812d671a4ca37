import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import type { AccrualPolicyFactory } from "../../../src/cluster/accrual-policy.ts";
import type { Balancer, Load } from "../../../src/cluster/balancer.ts";
import type { BodySource } from "../../../src/http/body.ts";
import type { Classifier } from "../../../src/http/classifier.ts";
import { turn } from "../../../src/testing/index.ts";
import { clusterBench, p2c } from "../../fakes/cluster-bench.ts";

const stream: BodySource = { length: -1, started: false, pipe: () => undefined, drained: () => undefined };

/** A balancer and an accrual that write down what they are told. */
function told() {
  const load: string[] = [];
  const accrual: string[] = [];
  const recording: Load = {
    started: (now) => void load.push(`started ${now}`),
    ended: (now, startedAt, success) => void load.push(`${now - startedAt} ms ${success ? "good" : "bad"}`),
    cost: () => 0,
  };
  const inner = p2c();
  const balancer: Balancer = {
    newLoad: () => recording,
    update: (endpoints) => inner.update(endpoints),
    pick: (x, now) => inner.pick(x, now),
  };
  const policy: AccrualPolicyFactory = {
    create: () => ({
      success: () => void accrual.push("success"),
      failure: () => void accrual.push("failure"),
      revived: () => undefined,
    }),
  };
  return { load, accrual, parts: { balancer, accrual: policy } };
}

test("load is told of the time to an answer's first byte, and of its end only when it comes", async () => {
  const { load, parts } = told();
  const { source, send, transport, clock } = clusterBench({}, parts);
  source.at(80);
  const x = send();
  await turn();
  clock.advance(30);
  transport.of(x).answer(x, 200, stream);
  clock.advance(60_000);
  assert.deepEqual(load, ["started 0"]);
  transport.of(x).end(x);
  assert.deepEqual(load, ["started 0", "30 ms good"]);
});

test("load is told of the time to the end of an answer without a body, the connect included", async () => {
  const { load, parts } = told();
  const { source, send, transport, clock } = clusterBench({}, parts);
  transport.listening.set("10.0.0.1:80", "hangs");
  source.at(80);
  const x = send();
  clock.advance(40);
  for (const dial of transport.hanging) dial.accept();
  await turn();
  clock.advance(10);
  transport.of(x).reply(x);
  assert.deepEqual(load, ["started 0", "50 ms good"]);
});

test("an answer of 500 and more is a failure for load and accrual, unless the route's classifier says otherwise", async () => {
  const { load, accrual, parts } = told();
  const { source, send, transport, slots } = clusterBench({}, parts);
  source.at(80);
  const first = send();
  await turn();
  transport.of(first).reply(first, 503);
  const lenient: Classifier = { classify: () => "success" };
  const second = send();
  second.values[slots.classifier] = lenient;
  transport.of(second).reply(second, 503);
  assert.deepEqual(accrual, ["failure", "success"]);
  assert.deepEqual(
    load.filter((each) => each.includes("ms")),
    ["0 ms bad", "0 ms good"],
  );
});

test("what a classifier can say only at the end is told then", async () => {
  const { accrual, parts } = told();
  const { source, send, transport, slots } = clusterBench({}, parts);
  source.at(80);
  const x = send();
  await turn();
  const trailing: Classifier = { classify: (_, at) => (at === "finish" ? "failure" : undefined) };
  x.values[slots.classifier] = trailing;
  transport.of(x).answer(x, 200, stream);
  assert.deepEqual(accrual, []);
  transport.of(x).end(x);
  assert.deepEqual(accrual, ["failure"]);
});

test("an answer that was broken off counts where the endpoint did it, not where its caller left or had no more time", async () => {
  for (const [code, expected] of [
    ["upstream.reset", ["failure"]],
    ["downstream.gone", []],
    ["total.timeout", []],
  ] as const) {
    const { accrual, parts } = told();
    const { source, send, transport, slots } = clusterBench({}, parts);
    source.at(80);
    const x = send();
    await turn();
    const whole: Classifier = { classify: (_, at) => (at === "finish" ? "failure" : undefined) };
    x.values[slots.classifier] = whole;
    transport.of(x).answer(x, 200, stream);
    x.broken = failures[code];
    transport.of(x).end(x);
    assert.deepEqual(accrual, expected, code);
  }
});

test("a caller that leaves, and an attempt that is given up, tell nothing of the endpoint", async () => {
  const { accrual, load, parts } = told();
  const { source, send, metrics } = clusterBench({}, parts);
  source.at(80);
  const [first, second] = [send(), send()];
  await turn();
  first.cancel(failures["downstream.gone"]);
  second.abandon();
  assert.deepEqual(accrual, []);
  assert.deepEqual(load.slice(2), ["0 ms good", "0 ms good"]);
  const attempts = metrics.families().find((family) => family.spec.name === "linkspan_attempts_total");
  const interrupted = attempts?.series.find((each) => each.labels["result"] === "interrupted");
  assert.equal(interrupted && "value" in interrupted ? interrupted.value : undefined, 2);
});

test("a total timeout counts against the endpoint only when it had been sent the request", async () => {
  const { accrual, parts } = told();
  const { source, send, transport } = clusterBench({}, parts);
  source.at(80);
  const sent = send();
  await turn();
  sent.cancel(failures["total.timeout"]);
  assert.deepEqual(accrual, ["failure"]);
  transport.listening.set("10.0.0.1:80", "hangs");
  send().cancel(failures["total.timeout"]);
  assert.deepEqual(accrual, ["failure"]);
});

test("a refused connect is accrual's only where endpoints are not marked for it", async () => {
  for (const [connectFailuresToBusy, expected] of [
    [1, 0],
    [Infinity, 26],
  ] as const) {
    const { accrual, parts } = told();
    const { source, send, transport } = clusterBench({ connectFailuresToBusy }, parts);
    transport.listening.set("10.0.0.1:80", "refuses");
    source.at(80);
    send();
    for (let n = 0; n < 30; n++) await turn();
    assert.equal(accrual.length, expected);
  }
});

test("the latency that people are shown is the first attempt's, and from there on moves by a tenth", async () => {
  const { source, send, transport, clock, cluster } = clusterBench();
  source.at(80);
  for (const tookMs of [40, 50]) {
    const x = send();
    await turn();
    clock.advance(tookMs);
    transport.of(x).reply(x);
  }
  assert.equal(cluster.view().endpoints[0]?.latencyMs, 41);
});
