import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { failed, ok } from "../../../src/base/var.ts";
import { AddressSet } from "../../../src/base/address.ts";
import { turn } from "../../../src/testing/index.ts";
import { addresses, clusterBench } from "../../fakes/cluster-bench.ts";

test("an exchange waits for the first set of addresses and is then sent", async () => {
  const { source, send, transport, hearer, cluster } = clusterBench();
  const x = send();
  assert.equal(cluster.parked, 1);
  assert.deepEqual(hearer.of(x), []);
  source.at(80);
  await turn();
  transport.of(x).reply(x);
  assert.deepEqual(hearer.of(x), ["200", "end"]);
  assert.equal(cluster.parked, 0);
});

test("an exchange that waits longer than the binding timeout for addresses fails with name.timeout", () => {
  const { send, clock, hearer } = clusterBench();
  const x = send();
  clock.advance(9_999);
  assert.deepEqual(hearer.of(x), []);
  clock.advance(1);
  assert.deepEqual(hearer.of(x), ["name.timeout", "end"]);
});

test("past the waiting line an exchange fails with cluster.overloaded", () => {
  const { send, hearer } = clusterBench({ maxPending: 2 });
  const [, , third] = [send(), send(), send()];
  assert.deepEqual(hearer.of(third), ["cluster.overloaded", "end"]);
});

test("an empty set fails with cluster.empty, for who waited and for who comes", () => {
  const { send, source, hearer, cluster } = clusterBench();
  const waited = send();
  source.tell(ok(AddressSet.empty));
  assert.deepEqual(hearer.of(waited), ["cluster.empty", "end"]);
  assert.deepEqual(hearer.of(send()), ["cluster.empty", "end"]);
  assert.equal(cluster.status, "closed");
});

test("addresses that failed end in name.unavailable with the cause in one sentence", () => {
  const { send, source, hearer } = clusterBench();
  const waited = send();
  source.tell(failed(new Error("connection to zk1:2181 refused")));
  assert.deepEqual(hearer.of(waited), ["name.unavailable", "end"]);
  const x = send();
  assert.match(x.failure?.message ?? "", /^Nothing is known of \/#\/fs\/users yet: connection to zk1:2181 refused$/);
});

test("an exchange that is cancelled while it waits for addresses is answered with the failure and leaves the line", () => {
  const { send, hearer, cluster, source } = clusterBench();
  const x = send();
  x.cancel(failures["downstream.gone"]);
  assert.deepEqual(hearer.of(x), ["downstream.gone", "end"]);
  assert.equal(cluster.parked, 0);
  source.at(80);
  assert.deepEqual(hearer.of(x), ["downstream.gone", "end"]);
});

test("an exchange that is abandoned while it waits hears only its finish", () => {
  const { send, hearer } = clusterBench();
  const x = send();
  x.abandon();
  assert.deepEqual(hearer.of(x), ["end"]);
});

test("a cluster keeps the load, the accrual and the connections of endpoints that survive an update", async () => {
  const { source, send, transport, cluster } = clusterBench();
  source.at(80, 81);
  const [before80, before81] = cluster.endpoints;
  const x = send();
  await turn();
  source.at(80, 81, 82);
  source.at([80, 0.5], 81, 82);
  assert.equal(cluster.endpoints[0], before80);
  assert.equal(cluster.endpoints[1], before81);
  assert.equal(cluster.endpoints[0]?.address.weight, 0.5);
  assert.equal(cluster.outstanding, 1);
  assert.equal(
    cluster.endpoints.reduce((sum, each) => sum + each.load.cost(0), 0),
    1,
  );
  transport.of(x).reply(x);
  assert.equal(transport.connections.size, 1);
});

test("a removed endpoint takes nothing new, finishes what it has, and then closes its connections", async () => {
  const { source, send, transport, hearer, cluster } = clusterBench();
  source.at(80);
  const x = send();
  await turn();
  source.at(81);
  const connection = transport.of(x);
  for (let n = 0; n < 5; n++) send();
  await turn();
  assert.equal(connection.sent, 1);
  assert.equal(cluster.view().draining, 1);
  connection.reply(x);
  assert.deepEqual(hearer.of(x), ["200", "end"]);
  await turn();
  assert.ok(!transport.connections.has(connection));
  assert.equal(cluster.view().draining, 0);
});

test("what is still in flight on a removed endpoint at the deadline is broken off", async () => {
  const { source, send, transport, hearer, clock } = clusterBench({ drainMs: 5_000 });
  source.at(80);
  const x = send();
  await turn();
  source.tell(ok(AddressSet.empty));
  await clock.advanceAsync(5_000);
  assert.deepEqual(hearer.of(x), ["upstream.reset", "end"]);
  assert.equal(transport.connections.size, 0);
});

test("after close no timer and no connection is left, and who waited has been answered", async () => {
  const { source, send, transport, tier, clock, hearer } = clusterBench({
    pool: { idleTimeMs: 1000 },
    requestAttemptTimeoutMs: 500,
  });
  const early = send();
  source.at(80, 81);
  transport.listening.set("10.0.0.1:81", "refuses");
  await turn();
  for (let n = 0; n < 4; n++) send();
  await turn();
  const closing = tier.close(100);
  await clock.advanceAsync(100);
  await closing;
  assert.equal(transport.connections.size, 0);
  assert.equal(clock.waiting, 0);
  assert.equal(hearer.of(early).at(-1), "end");
  assert.equal(source.observed, false);
});

test("a cluster says once for each set that none of its endpoints accepts connections", async () => {
  let told = 0;
  const { source, send, transport, clock } = clusterBench({}, { onUnreachable: () => ++told < 0 });
  for (const port of [80, 81, 82]) transport.listening.set(`10.0.0.1:${port}`, "refuses");
  source.at(80, 81);
  send();
  await turn();
  assert.equal(told, 1);
  await clock.advanceAsync(60_000);
  assert.equal(told, 1);
  source.at(80, 81, 82);
  await turn();
  assert.equal(told, 1);
  for (let n = 0; n < 20; n++) send();
  await clock.advanceAsync(60_000);
  assert.equal(told, 2);
});

test("a cluster that was lost after it had died is told of again, and is gone until its addresses change", async () => {
  let told = 0;
  let held = false;
  const onUnreachable = (): boolean => {
    told++;
    return held;
  };
  const { source, send, transport, clock, cluster } = clusterBench({}, { onUnreachable });
  transport.listening.set("10.0.0.1:80", "refuses");
  source.at(80);
  send();
  await turn();
  assert.deepEqual([told, cluster.isGone], [1, false]);
  held = true;
  source.tell(ok(addresses(80), { held: { since: 0, until: 30_000, lost: 1 } }));
  send();
  await clock.advanceAsync(1);
  assert.deepEqual([told, cluster.isGone], [2, true]);
  source.at(80, 81);
  assert.equal(cluster.isGone, false);
});

test("one endpoint that accepts is enough for a cluster not to be called unreachable", async () => {
  let told = 0;
  const { source, send, transport, clock } = clusterBench({}, { onUnreachable: () => ++told < 0 });
  transport.listening.set("10.0.0.1:80", "refuses");
  source.at(80, 81);
  for (let n = 0; n < 10; n++) send();
  await clock.advanceAsync(30_000);
  assert.equal(told, 0);
});

test("the view shows the state of the addresses and of every endpoint", async () => {
  const { source, send, transport, cluster, clock } = clusterBench();
  assert.deepEqual(cluster.view().addresses, { state: "pending" });
  const stale = { since: 7, cause: new Error("session expired") };
  source.tell(ok(addresses(80), { stale, revision: "42" }));
  const x = send();
  await turn();
  clock.advance(40);
  transport.of(x).reply(x, 500);
  const view = cluster.view();
  assert.deepEqual(view.addresses, { state: "ok", stale: { since: 7, cause: "session expired" }, revision: "42" });
  assert.equal(view.status, "open");
  assert.deepEqual(view.endpoints, [
    {
      address: "10.0.0.1:80",
      weight: 1,
      status: "open",
      load: 0,
      pending: 0,
      waiting: 0,
      connections: { open: 1, idle: 1 },
      accrual: { state: "alive", removals: 0, revivals: 0, probes: 0 },
      requests: 1,
      failures: 1,
      latencyMs: 40,
    },
  ]);
});
