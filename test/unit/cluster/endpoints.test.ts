import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccrualPolicyFactory } from "../../../src/cluster/accrual-policy.ts";
import { Rests } from "../../../src/cluster/rests.ts";
import { FakeClock, turn } from "../../../src/testing/index.ts";
import { type BenchOptions, clusterBench } from "../../fakes/cluster-bench.ts";

/** A cluster on its own clock, and `rest`, by which its endpoints are asked once more. */
function restingBench(options: BenchOptions = {}) {
  const clock = new FakeClock();
  const bench = clusterBench({ ...options, rests: new Rests(clock) });
  return { ...bench, rest: () => clock.advance(5_000) };
}

/** A cluster that was called once, and whose connection is closed again where that is said. */
async function calledOnce(status: number, end: "closed" | "open", options: BenchOptions = {}) {
  const bench = restingBench(options);
  const { source, send, transport, clock } = bench;
  source.at(80, 81, 82);
  const x = send();
  await turn();
  clock.advance(20);
  const connection = transport.of(x);
  connection.reply(x, status);
  if (end === "closed") await connection[Symbol.asyncDispose]();
  await turn();
  return { ...bench, calledAt: connection.key };
}

/** Nobody has called in between. */
function twice(rest: () => void): void {
  rest();
  rest();
}

test("endpoints rest once nobody has called for a while, and are open all the same", async () => {
  const { cluster, tier, rest } = await calledOnce(200, "closed");
  rest();
  assert.equal(cluster.endpoints.length, 3);
  rest();
  assert.equal(cluster.endpoints.length, 0);
  assert.equal(cluster.status, "open");
  assert.equal(cluster.open, 3);
  await tier.close();
});

test("a request that comes to endpoints at rest is sent at once, to any of them", async () => {
  const { cluster, send, transport, hearer, rest } = await calledOnce(200, "closed");
  const called = new Set<string>();
  for (let n = 0; n < 40; n++) {
    twice(rest);
    const x = send();
    assert.equal(cluster.parked, 0);
    await turn();
    const connection = transport.of(x);
    connection.reply(x, 200);
    assert.deepEqual(hearer.of(x), ["200", "end"]);
    called.add(connection.key);
    await connection[Symbol.asyncDispose]();
    await turn();
  }
  assert.equal(called.size, 3);
});

test("what was counted of an endpoint that rests is shown, and counted on", async () => {
  const { cluster, calledAt, source, send, transport, rest } = await calledOnce(200, "closed");
  twice(rest);
  const shown = () => cluster.view().endpoints.find(({ address }) => address === calledAt);
  assert.equal(shown()?.requests, 1);
  assert.equal(shown()?.latencyMs, 20);
  twice(rest);
  source.at(Number(calledAt.split(":")[1]));
  const x = send();
  await turn();
  transport.of(x).reply(x, 200);
  assert.equal(shown()?.requests, 2);
});

test("endpoints do not rest while a connection is open, or a request is under way", async () => {
  const { cluster, send, rest } = await calledOnce(200, "open");
  twice(rest);
  assert.equal(cluster.endpoints.length, 3);
  send();
  twice(rest);
  assert.equal(cluster.outstanding, 1);
  assert.equal(cluster.endpoints.length, 3);
});

test("endpoints do not rest while one of them has failed, or is out", async () => {
  const failing = await calledOnce(503, "closed");
  twice(failing.rest);
  assert.equal(failing.cluster.endpoints.length, 3);
  const accrual: AccrualPolicyFactory = {
    create: () => ({ success: () => undefined, failure: () => 60_000, revived: () => undefined }),
  };
  const out = await calledOnce(503, "closed", { accrual });
  twice(out.rest);
  assert.equal(out.cluster.open, 2);
  assert.equal(out.cluster.endpoints.length, 3);
});

test("a set that comes while endpoints rest is counted by what is new in it and what is gone", async () => {
  const { cluster, source, metrics, rest } = await calledOnce(200, "closed");
  twice(rest);
  source.at(81, 82, 83, 84);
  assert.equal(cluster.open, 4);
  const family = metrics.families().find(({ spec }) => spec.name === "linkspan_endpoint_changes_total");
  const counts = new Map(family?.series.map((each) => [each.labels["change"], "value" in each ? each.value : 0]));
  assert.equal(counts.get("added"), 5);
  assert.equal(counts.get("removed"), 1);
});

test("endpoints at rest go on resting when their set changes, and who calls finds those of the newest one", async () => {
  const { cluster, source, send, transport, calledAt, rest } = await calledOnce(200, "closed");
  twice(rest);
  source.at(Number(calledAt.split(":")[1]), 90);
  assert.equal(cluster.endpoints.length, 0);
  assert.equal(cluster.open, 2);
  const called = new Set<string>();
  for (let n = 0; n < 20; n++) {
    const x = send();
    await turn();
    called.add(transport.of(x).key);
    transport.of(x).reply(x, 200);
  }
  assert.deepEqual([...called].sort(), [calledAt, "10.0.0.1:90"].sort());
  const { endpoints } = cluster.view();
  assert.equal(
    endpoints.reduce((sum, { requests }) => sum + requests, 0),
    21,
  );
});

test("an endpoint that was called and left while it rested is another one when it comes again", async () => {
  const { cluster, source, calledAt, rest } = await calledOnce(200, "closed");
  twice(rest);
  const port = Number(calledAt.split(":")[1]);
  source.at(...[80, 81, 82].filter((each) => each !== port));
  source.at(80, 81, 82);
  assert.equal(cluster.endpoints.length, 0);
  assert.deepEqual(
    cluster.view().endpoints.map(({ requests }) => requests),
    [0, 0, 0],
  );
});

test("a set of nobody, or of more than rest, wakes those that rest", async () => {
  for (const ports of [[], Array.from({ length: 101 }, (_, n) => 1_000 + n)]) {
    const { cluster, source, rest } = await calledOnce(200, "closed");
    twice(rest);
    source.at(...ports);
    assert.equal(cluster.endpoints.length, ports.length);
    assert.equal(cluster.open, ports.length);
  }
});

test("a cluster of very many endpoints stays awake", () => {
  const { cluster, source, rest } = restingBench();
  source.at(...Array.from({ length: 101 }, (_, n) => 1_000 + n));
  twice(rest);
  assert.equal(cluster.endpoints.length, 101);
});
