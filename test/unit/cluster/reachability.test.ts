import assert from "node:assert/strict";
import { test } from "node:test";
import { Reachability } from "../../../src/cluster/reachability.ts";
import { FakeClock, seededRandom, turn } from "../../../src/testing/index.ts";
import { clusterBench } from "../../fakes/cluster-bench.ts";

function reachability(connectFailuresToBusy = 1) {
  const clock = new FakeClock();
  const probes: number[] = [];
  const each = new Reachability(
    { clock, random: seededRandom(3), connectFailuresToBusy },
    {
      probe() {
        probes.push(clock.now());
        each.refused();
      },
      changed: () => undefined,
    },
  );
  return { clock, probes, each };
}

test("an endpoint that refuses is probed after 0.1 to 0.2 s, then ever later, up to 5 s apart", () => {
  const { clock, probes, each } = reachability();
  each.refused();
  assert.equal(each.status, "busy");
  clock.advance(60_000);
  const gaps = probes.map((at, n) => at - (probes[n - 1] ?? 0));
  assert.ok((gaps[0] ?? 0) >= 100 && (gaps[0] ?? 0) < 200);
  assert.ok((gaps[1] ?? 0) >= 200 && (gaps[1] ?? 0) < 400);
  for (const gap of gaps.slice(6)) assert.ok(gap >= 2_500 && gap <= 5_000, `gap of ${gap} ms`);
});

test("one connect that is accepted opens the endpoint and ends the probing", () => {
  const { clock, probes, each } = reachability();
  each.refused();
  each.connected();
  assert.equal(each.status, "open");
  assert.equal(each.lost, false);
  clock.advance(60_000);
  assert.deepEqual(probes, []);
});

test("only failures in a row count", () => {
  const { each } = reachability(3);
  each.refused();
  each.refused();
  each.connected();
  each.refused();
  each.refused();
  assert.equal(each.status, "open");
  each.refused();
  assert.equal(each.status, "busy");
});

test("an endpoint that left its set is not probed any more", () => {
  const { clock, probes, each } = reachability();
  each.refused();
  each[Symbol.dispose]();
  each.refused();
  clock.advance(60_000);
  assert.deepEqual(probes, []);
  assert.equal(clock.waiting, 0);
});

test("an endpoint that accepts again is used without a request having to find out", async () => {
  const { source, send, transport, clock, cluster } = clusterBench();
  transport.listening.set("10.0.0.1:80", "refuses");
  source.at(80);
  send();
  await turn();
  assert.equal(cluster.status, "busy");
  transport.listening.delete("10.0.0.1:80");
  await clock.advanceAsync(200);
  assert.equal(cluster.status, "open");
  assert.deepEqual(cluster.view().endpoints[0]?.connections, { open: 1, idle: 1 });
});
