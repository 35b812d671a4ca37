import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { turn } from "../../../src/testing/index.ts";
import { clusterBench } from "../../fakes/cluster-bench.ts";
import { FakeTransport } from "../../fakes/fake-transport.ts";

test("the connection used last is used first", async () => {
  const { source, send, transport } = clusterBench();
  source.at(80);
  const [first, second] = [send(), send()];
  await turn();
  const [c1, c2] = [transport.of(first), transport.of(second)];
  c2.reply(second);
  c1.reply(first);
  assert.equal(transport.of(send()), c1);
  assert.equal(transport.of(send()), c2);
  assert.equal(transport.dialled.length, 2);
});

test("at maxSize exchanges wait in order, and past maxWaiters they fail with cluster.overloaded", async () => {
  const { source, send, transport, hearer } = clusterBench({ pool: { maxSize: 1, maxWaiters: 2 } });
  source.at(80);
  const first = send();
  await turn();
  const [second, third, fourth] = [send(), send(), send()];
  assert.deepEqual(hearer.of(fourth), ["cluster.overloaded", "end"]);
  const connection = transport.of(first);
  connection.reply(first);
  assert.equal(transport.of(second), connection);
  connection.reply(second);
  assert.equal(transport.of(third), connection);
  assert.equal(transport.dialled.length, 1);
});

test("who waits for a connection that is opened for it is no waiter: with maxWaiters: 0 all go up to maxSize, and no more", async () => {
  const { source, send, transport, hearer } = clusterBench({ pool: { maxSize: 2, maxWaiters: 0 } });
  source.at(80);
  const [first, second, third] = [send(), send(), send()];
  assert.deepEqual(hearer.of(third), ["cluster.overloaded", "end"]);
  await turn();
  transport.of(first).reply(first);
  transport.of(second).reply(second);
  assert.equal(transport.dialled.length, 2);
  send();
  assert.equal(transport.dialled.length, 2, "one of them is used again");
});

test("however many connections there may be, no more than maxPending wait for one to open", () => {
  const { source, send, hearer } = clusterBench({ pool: { maxWaiters: 0, maxPending: 2 } });
  source.at(80);
  const [, , third] = [send(), send(), send()];
  assert.deepEqual(hearer.of(third), ["cluster.overloaded", "end"]);
});

test("an exchange that waits too long for a connection fails with connect.timeout", async () => {
  const { source, send, hearer, clock } = clusterBench({ pool: { maxSize: 1, waitMs: 300 } });
  source.at(80);
  send();
  await turn();
  const x = send();
  await clock.advanceAsync(300);
  assert.deepEqual(hearer.of(x), ["connect.timeout", "end"]);
});

test("a connect that takes longer than its limit fails with connect.timeout, and is given up", async () => {
  const { source, send, hearer, clock, transport } = clusterBench({ pool: { connectTimeoutMs: 250 } });
  transport.listening.set("10.0.0.1:80", "hangs");
  source.at(80);
  const x = send();
  const [dial] = transport.hanging;
  await clock.advanceAsync(250);
  assert.deepEqual(hearer.of(x), ["connect.timeout", "end"]);
  dial?.accept();
  await turn();
  assert.equal(transport.connections.size, 0);
});

test("a refused connect fails with connect.failed, flagged retryable", async () => {
  const { source, send, hearer, transport } = clusterBench();
  transport.listening.set("10.0.0.1:80", "refuses");
  source.at(80);
  const x = send();
  await turn();
  assert.deepEqual(hearer.of(x), ["connect.failed", "end"]);
  assert.ok(x.failure?.flags.has("retryable"));
  assert.match(x.failure?.message ?? "", /10\.0\.0\.1:80.*ECONNREFUSED/);
});

test("a connection that closed while it was idle is not used again", async () => {
  const { source, send, transport } = clusterBench();
  source.at(80);
  const first = send();
  await turn();
  const connection = transport.of(first);
  connection.reply(first);
  connection.cut();
  const second = send();
  await turn();
  assert.notEqual(transport.of(second), connection);
  assert.equal(transport.dialled.length, 2);
});

test("a waiter takes a connection that becomes free before its own is made, and that one goes to the pool", async () => {
  const { source, send, transport, cluster } = clusterBench();
  source.at(80);
  const first = send();
  await turn();
  transport.listening.set("10.0.0.1:80", "hangs");
  const second = send();
  const connection = transport.of(first);
  connection.reply(first);
  assert.equal(transport.of(second), connection);
  for (const dial of transport.hanging) dial.accept();
  await turn();
  assert.deepEqual(cluster.view().endpoints[0]?.connections, { open: 2, idle: 1 });
});

test("a waiter that is cancelled leaves the line; its connection goes to the pool", async () => {
  const { source, send, transport, hearer, cluster } = clusterBench();
  transport.listening.set("10.0.0.1:80", "hangs");
  source.at(80);
  const x = send();
  x.cancel(failures["downstream.gone"]);
  assert.deepEqual(hearer.of(x), ["downstream.gone", "end"]);
  for (const dial of transport.hanging) dial.accept();
  await turn();
  assert.deepEqual(cluster.view().endpoints[0]?.connections, { open: 1, idle: 1 });
  assert.equal(cluster.outstanding, 0);
});

test("connections above minSize close after idleTimeMs", async () => {
  const { source, send, transport, clock } = clusterBench({ pool: { idleTimeMs: 1000, minSize: 1 } });
  source.at(80);
  const exchanges = [send(), send(), send()];
  await turn();
  for (const x of exchanges) transport.of(x).reply(x);
  await clock.advanceAsync(999);
  assert.equal(transport.connections.size, 3);
  await clock.advanceAsync(1);
  assert.equal(transport.connections.size, 1);
});

test("a connection older than lifeTimeMs closes after its exchange", async () => {
  const { source, send, transport, clock } = clusterBench({ pool: { lifeTimeMs: 1000 } });
  source.at(80);
  const first = send();
  await turn();
  transport.of(first).reply(first);
  clock.advance(1000);
  const second = send();
  transport.of(second).reply(second);
  await turn();
  assert.equal(transport.connections.size, 0);
});

test("one HTTP/2 connection carries as many exchanges as it has streams", async () => {
  const transport = new FakeTransport("h2", 3);
  const { source, send, cluster } = clusterBench({}, {}, transport);
  source.at(80);
  const exchanges = [send(), send(), send()];
  await turn();
  assert.equal(transport.dialled.length, 1);
  const [connection] = transport.connections;
  assert.equal(connection?.attempts.size, 3);
  const fourth = send();
  await turn();
  assert.equal(transport.dialled.length, 2);
  for (const x of [...exchanges, fourth]) transport.of(x).reply(x);
  assert.deepEqual(cluster.view().endpoints[0]?.connections, { open: 2, idle: 2 });
});

test("all wait for the HTTP/2 connection that opens; past maxWaiters those fail who found maxSize of them full", async () => {
  const transport = new FakeTransport("h2", 3);
  const { source, send, hearer } = clusterBench({ pool: { maxSize: 1, maxWaiters: 1 } }, {}, transport);
  source.at(80);
  const exchanges = [send(), send(), send()];
  await turn();
  const [fourth, fifth] = [send(), send()];
  assert.deepEqual(hearer.of(fifth), ["cluster.overloaded", "end"]);
  for (const x of exchanges) transport.of(x).reply(x);
  transport.of(fourth).reply(fourth);
  assert.equal(transport.dialled.length, 1);
});

test("an HTTP/2 connection that is never idle takes no further exchange when it is older than lifeTimeMs", async () => {
  const transport = new FakeTransport("h2", 3);
  const { source, send, clock } = clusterBench({ pool: { lifeTimeMs: 1000 } }, {}, transport);
  source.at(80);
  const first = send();
  await turn();
  clock.advance(1000);
  const second = send();
  await turn();
  assert.equal(transport.dialled.length, 2, "the second went on a connection of its own");
  const old = transport.of(first);
  old.reply(first);
  await turn();
  assert.deepEqual([...transport.connections], [transport.of(second)]);
});
