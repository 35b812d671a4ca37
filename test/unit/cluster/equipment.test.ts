import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccrualPolicyFactory } from "../../../src/cluster/accrual-policy.ts";
import { turn } from "../../../src/testing/index.ts";
import { clusterBench } from "../../fakes/cluster-bench.ts";

function counted() {
  const bornAt: number[] = [];
  const accrual: AccrualPolicyFactory = {
    create(now) {
      bornAt.push(now);
      return { success: () => undefined, failure: () => undefined, revived: () => undefined };
    },
  };
  return { bornAt, accrual };
}

test("only endpoints that were called have accrual and connections, as old as the endpoint is", async () => {
  const { bornAt, accrual } = counted();
  const { source, send, transport, clock, cluster } = clusterBench({}, { accrual });
  const cameAt = clock.now();
  source.at(80, 81, 82, 83);
  assert.deepEqual(bornAt, []);
  clock.advance(5_000);
  const x = send();
  await turn();
  transport.of(x).reply(x, 200);
  assert.deepEqual(bornAt, [cameAt]);
  const shown = cluster.view().endpoints;
  assert.deepEqual(
    shown.map(({ accrual: { state } }) => state),
    ["alive", "alive", "alive", "alive"],
  );
  assert.equal(
    shown.reduce((sum, { connections }) => sum + connections.open, 0),
    1,
  );
});

test("endpoints that were never called leave at once and without a trace", async () => {
  const { bornAt, accrual } = counted();
  const { source, cluster, clock } = clusterBench({}, { accrual });
  source.at(80, 81);
  source.at(82);
  await turn();
  assert.equal(cluster.view().draining, 0);
  await cluster.close();
  assert.deepEqual(bornAt, []);
  assert.equal(clock.waiting, 0);
});

test("a stream that tests an endpoint keeps others from it for no more than a second after its head", async () => {
  const accrual: AccrualPolicyFactory = {
    create: () => ({ success: () => undefined, failure: () => 5_000, revived: () => undefined }),
  };
  const { source, send, transport, clock, cluster, slots } = clusterBench({}, { accrual });
  source.at(80);
  const failing = send();
  await turn();
  transport.of(failing).reply(failing, 500);
  clock.advance(5_000);
  const stream = send();
  // As of gRPC, whose status comes with the end.
  stream.values[slots.classifier] = { classify: () => undefined };
  await turn();
  transport
    .of(stream)
    .answer(stream, 200, { length: -1, started: false, pipe: () => undefined, drained: () => undefined });
  assert.equal(cluster.status, "busy");
  clock.advance(1_000);
  assert.equal(cluster.status, "open");
  const next = send();
  await turn();
  transport.of(next).reply(next, 200);
  assert.equal(cluster.view().endpoints[0]?.accrual.state, "alive");
});
