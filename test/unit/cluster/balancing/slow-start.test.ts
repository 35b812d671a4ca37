import assert from "node:assert/strict";
import { test } from "node:test";
import type { Balancer } from "../../../../src/cluster/balancer.ts";
import { SlowStart } from "../../../../src/cluster/balancing/slow-start.ts";
import { WarmUp } from "../../../../src/cluster/balancing/warm-up.ts";
import ewma from "../../../../src/plugins/balancers/ewma.ts";
import heap from "../../../../src/plugins/balancers/heap.ts";
import p2c from "../../../../src/plugins/balancers/p2c.ts";
import roundRobin from "../../../../src/plugins/balancers/round-robin.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";
import {
  balancerOf,
  candidate,
  candidates,
  type FakeCandidate,
  isNear,
  pick,
  shares,
} from "../../../fakes/candidates.ts";

const MS = 10_000;

function slowly(inner: Balancer): Balancer {
  return new SlowStart(inner, MS, seededRandom(3));
}

/** `old` endpoints that were there at the start, and one that came at `bornAt`. */
function joined(balancer: Balancer, old: number, bornAt: number): FakeCandidate[] {
  const made = candidates(balancer, Array<number>(old).fill(1));
  const all = [...made, candidate(balancer, { host: "10.0.0.2", port: 80, weight: 1 }, bornAt)];
  balancer.update(all);
  return all;
}

test("what an endpoint is shown to get is its share by age, of what the balancer below gives it", async () => {
  const balancer = slowly(await balancerOf(p2c));
  const all = joined(balancer, 2, 1_000);
  const at = (now: number) => all.map((each) => balancer.shares?.(now)(each));
  assert.deepEqual(at(1_000), [1, 1, 0.1]);
  assert.deepEqual(at(1_000 + MS / 2), [1, 1, 0.55]);
  assert.deepEqual(at(1_000 + MS), [1, 1, 1]);
});

test("the share of a new endpoint grows evenly from a tenth to all of it", () => {
  const warmUp = new WarmUp(MS);
  const balancer: Pick<Balancer, "newLoad"> = { newLoad: () => ({ started() {}, ended() {}, cost: () => 0 }) };
  const at = (bornAt: number) => candidate(balancer as Balancer, { host: "h", port: 1, weight: 1 }, bornAt);
  warmUp.update([at(0)]);
  warmUp.update([at(0), at(1_000)]);
  const young = at(1_000);
  assert.deepEqual(
    [0, 1_000, 3_500, 6_000, 11_000, 90_000].map((now) => Math.round(warmUp.share(young, now) * 1e6) / 1e6),
    [0.1, 0.1, 0.325, 0.55, 1, 1],
  );
  assert.equal(warmUp.isOver(10_999), false);
  assert.equal(warmUp.isOver(11_000), true);
});

test("endpoints that came when there were none have all of their share at once, also after the set was empty", () => {
  const warmUp = new WarmUp(MS);
  const load = { started() {}, ended() {}, cost: () => 0 };
  const at = (bornAt: number) =>
    candidate({ newLoad: () => load } as unknown as Balancer, { host: "h", port: 1, weight: 1 }, bornAt);
  warmUp.update([at(500)]);
  assert.deepEqual([warmUp.isOver(500), warmUp.share(at(500), 500)], [true, 1]);
  warmUp.update([]);
  warmUp.update([at(9_000)]);
  assert.deepEqual([warmUp.isOver(9_000), warmUp.share(at(9_000), 9_000)], [true, 1]);
});

for (const [kind, make] of [
  ["p2c", () => balancerOf(p2c)],
  ["roundRobin", () => balancerOf(roundRobin)],
  ["heap", () => balancerOf(heap)],
] as const) {
  test(`${kind}: a new endpoint gets a tenth of its share, half of it halfway, and then all of it`, async () => {
    for (const [now, share] of [
      [1_000, 0.1],
      [1_000 + (MS * 4) / 9, 0.5],
      [1_000 + MS, 1],
    ] as const) {
      const balancer = slowly(await make());
      const all = joined(balancer, 9, 1_000);
      const counts = shares(balancer, all, 20_000, now);
      assert.ok(isNear(counts[9] ?? 0, 20_000, share / 10), `${counts[9]} of 20000 at ${now}, a share of ${share}`);
      for (const count of counts.slice(0, 9)) assert.ok(count > 1_900, `${count} of 20000`);
    }
  });
}

test("a new endpoint that costs nothing yet is not taken each time for that", async () => {
  const balancer = slowly(await balancerOf(ewma));
  const all = joined(balancer, 2, 1_000);
  for (const each of all.slice(0, 2)) {
    each.load.started(0);
    each.load.ended(50, 0, true);
  }
  const counts = shares(balancer, all, 10_000, 1_000);
  // Two of three pairs hold the new one, which is the cheapest of each; it stands in a tenth of them.
  assert.ok((counts[2] ?? 0) < 1_100, counts.join(" "));
  assert.ok((counts[2] ?? 0) > 500, counts.join(" "));
});

test("where only new endpoints are open one of them is picked", async () => {
  const balancer = slowly(await balancerOf(p2c));
  const all = joined(balancer, 2, 1_000);
  for (const each of all.slice(0, 2)) each.status = "busy";
  for (let n = 0; n < 50; n++) assert.equal(pick(balancer, 1_001), all[2]);
});
