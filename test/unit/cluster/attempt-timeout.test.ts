import assert from "node:assert/strict";
import { test } from "node:test";
import type { BodySource } from "../../../src/http/body.ts";
import { turn } from "../../../src/testing/index.ts";
import { clusterBench } from "../../fakes/cluster-bench.ts";

const stream: BodySource = { length: -1, started: false, pipe: () => undefined, drained: () => undefined };

test("an attempt that is not answered in time ends with attempt.timeout, and its connection is not used again", async () => {
  const { source, send, transport, hearer, clock } = clusterBench({ requestAttemptTimeoutMs: 200 });
  source.at(80);
  const x = send();
  await turn();
  const connection = transport.of(x);
  clock.advance(199);
  assert.deepEqual(hearer.of(x), []);
  clock.advance(1);
  assert.deepEqual(hearer.of(x), ["attempt.timeout", "end"]);
  assert.ok(!transport.connections.has(connection));
});

test("the wait for addresses and for a connection is not part of an attempt's time", async () => {
  const { source, send, transport, hearer, clock } = clusterBench({ requestAttemptTimeoutMs: 200 });
  transport.listening.set("10.0.0.1:80", "hangs");
  const x = send();
  await clock.advanceAsync(5_000);
  source.at(80);
  await clock.advanceAsync(900);
  assert.deepEqual(hearer.of(x), []);
  for (const dial of transport.hanging) dial.accept();
  await turn();
  await clock.advanceAsync(200);
  assert.deepEqual(hearer.of(x), ["attempt.timeout", "end"]);
});

test("the time ends with the answer's head: a long body is not timed", async () => {
  const { source, send, transport, hearer, clock } = clusterBench({ requestAttemptTimeoutMs: 200 });
  source.at(80);
  const x = send();
  await turn();
  transport.of(x).answer(x, 200, stream);
  clock.advance(10_000);
  transport.of(x).end(x);
  assert.deepEqual(hearer.of(x), ["200", "end"]);
});

test("each attempt has its own time, whatever the order in which they end", async () => {
  const { source, send, transport, hearer, clock } = clusterBench({ requestAttemptTimeoutMs: 100 });
  source.at(80);
  const first = send();
  await turn();
  clock.advance(40);
  const second = send();
  await turn();
  clock.advance(40);
  const third = send();
  await turn();
  transport.of(second).reply(second);
  clock.advance(20);
  assert.deepEqual(hearer.of(first), ["attempt.timeout", "end"]);
  assert.deepEqual(hearer.of(third), []);
  clock.advance(79);
  assert.deepEqual(hearer.of(third), []);
  clock.advance(1);
  assert.deepEqual(hearer.of(third), ["attempt.timeout", "end"]);
  assert.deepEqual(hearer.of(second), ["200", "end"]);
});
