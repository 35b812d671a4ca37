import assert from "node:assert/strict";
import { test } from "node:test";
import { Clusters } from "../../../src/cluster/clusters.ts";
import type { ClusterTier } from "../../../src/cluster/stack.ts";
import { FakeClock, turn } from "../../../src/testing/index.ts";
import { clusterBench } from "../../fakes/cluster-bench.ts";

function clusters(capacity = 2) {
  const clock = new FakeClock();
  const closed: string[] = [];
  const each = new Clusters({ clock, capacity, idleMs: 600_000 });
  const open = (name: string) => (): ClusterTier => {
    const { tier } = clusterBench({}, { id: name });
    const close = (drainMs?: number): Promise<void> => {
      closed.push(name);
      return tier.close(drainMs);
    };
    return { ...tier, close };
  };
  return { clock, closed, clusters: each, open };
}

test("the same key gives the same cluster, to all who lease it", () => {
  const { clusters: each, open } = clusters();
  const first = each.lease("a", open("a"));
  const second = each.lease("a", open("other"));
  assert.equal(first.tier, second.tier);
  assert.equal(each.size, 1);
});

test("a cluster that nobody leases is kept for a while, and then closed", () => {
  const { clock, closed, clusters: each, open } = clusters();
  const lease = each.lease("a", open("a"));
  lease[Symbol.dispose]();
  clock.advance(300_000);
  each.lease("a", open("a"))[Symbol.dispose]();
  clock.advance(599_999);
  assert.deepEqual(closed, []);
  clock.advance(600_001);
  assert.deepEqual(closed, ["a"]);
  assert.equal(each.size, 0);
  assert.equal(clock.waiting, 0);
});

test("a lease that is given back twice counts once", () => {
  const { clock, closed, clusters: each, open } = clusters();
  const lease = each.lease("a", open("a"));
  each.lease("a", open("a"));
  lease[Symbol.dispose]();
  lease[Symbol.dispose]();
  clock.advance(10_000_000);
  assert.deepEqual(closed, []);
});

test("past the capacity the cluster goes that was unused the longest, never one that is leased", () => {
  const { closed, clusters: each, open } = clusters(2);
  const [a] = [each.lease("a", open("a"))];
  each.lease("b", open("b"))[Symbol.dispose]();
  each.lease("c", open("c"));
  assert.deepEqual(closed, ["b"]);
  each.lease("d", open("d"));
  assert.deepEqual(closed, ["b"]);
  assert.equal(each.size, 3);
  a[Symbol.dispose]();
  assert.deepEqual(closed, ["b", "a"]);
});

test("past the capacity no more go than are too many, and one that was leased again is not the longest unused", () => {
  const { closed, clusters: each, open } = clusters(2);
  for (const name of ["a", "b", "a"]) each.lease(name, open(name))[Symbol.dispose]();
  each.lease("c", open("c"));
  assert.deepEqual(closed, ["b"]);
  assert.equal(each.size, 2);
});

test("a new limit holds at once: of how many are kept, and of how long", () => {
  const { clock, closed, clusters: each, open } = clusters(3);
  for (const name of ["a", "b", "c"]) each.lease(name, open(name))[Symbol.dispose]();
  each.limit({ capacity: 1, idleMs: 1_000 });
  assert.deepEqual(closed, ["a", "b"]);
  clock.advance(1_000);
  assert.deepEqual(closed, ["a", "b", "c"]);
  assert.equal(clock.waiting, 0);
});

test("a cluster with an exchange in flight is not evicted", async () => {
  const bench = clusterBench();
  const each = new Clusters({ clock: bench.clock, capacity: 1, idleMs: 1_000 });
  const lease = each.lease("a", () => bench.tier);
  bench.source.at(80);
  const x = bench.send();
  await turn();
  lease[Symbol.dispose]();
  await bench.clock.advanceAsync(5_000);
  assert.equal(each.size, 1);
  bench.transport.of(x).reply(x);
  await bench.clock.advanceAsync(5_000);
  assert.equal(each.size, 0);
  assert.deepEqual(bench.hearer.of(x), ["200", "end"]);
});

test("closing closes every cluster and leaves no timer", async () => {
  const { clock, closed, clusters: each, open } = clusters();
  each.lease("a", open("a"));
  each.lease("b", open("b"))[Symbol.dispose]();
  await each.close();
  assert.deepEqual(closed.sort(), ["a", "b"]);
  assert.equal(clock.waiting, 0);
});

test("what is retired goes on with its exchange when nobody leases it, and closes behind that", async () => {
  const bench = clusterBench();
  const each = new Clusters({ clock: bench.clock, capacity: 1, idleMs: 1_000 });
  const lease = each.lease("a", () => bench.tier);
  bench.source.at(80);
  const x = bench.send();
  await turn();
  each.retire(() => false);
  lease[Symbol.dispose]();
  await bench.clock.advanceAsync(5_000);
  assert.equal(each.tiers().length, 1);
  bench.transport.of(x).reply(x);
  assert.deepEqual(bench.hearer.of(x), ["200", "end"]);
  await bench.clock.advanceAsync(1_000);
  assert.equal(each.tiers().length, 0);
});

test("closing tells all, those that are retired too, by when to end, and waits for them", async () => {
  const { clusters: each, open } = clusters();
  const told: string[] = [];
  const slow = (name: string) => (): ClusterTier => ({
    ...open(name)(),
    close: async (drainMs) => {
      await turn();
      told.push(`${name} ${drainMs}`);
    },
  });
  each.lease("a", slow("a"));
  each.lease("b", slow("b"));
  each.retire((key) => key === "b");
  await each.close(300);
  assert.deepEqual(told.sort(), ["a 300", "b 300"]);
  assert.equal(each.tiers().length, 0);
});

test("what is retired serves those who lease it, is leased to nobody else, and closes with the last of them", async () => {
  const { closed, clusters: each, open } = clusters();
  const old = each.lease("a", open("a"));
  each.lease("b", open("b"))[Symbol.dispose]();
  each.lease("c", open("c"));
  each.retire((key) => key === "c");
  assert.deepEqual(closed, ["b"]);
  const next = each.lease("a", open("a, anew"));
  assert.notEqual(next.tier, old.tier);
  assert.equal(each.tiers().length, 3);
  old[Symbol.dispose]();
  assert.deepEqual(closed, ["b", "a"]);
  await turn();
  assert.equal(each.size, 2);
});
