import assert from "node:assert/strict";
import { test } from "node:test";
import { Sticky } from "../../../../src/cluster/balancing/sticky.ts";
import { Layout } from "../../../../src/http/exchange.ts";
import { HeaderList } from "../../../../src/http/header-list.ts";
import p2c from "../../../../src/plugins/balancers/p2c.ts";
import { balancerOf, candidate, candidates, type FakeCandidate, isNear } from "../../../fakes/candidates.ts";
import { plainExchange } from "../../../fakes/plain-exchange.ts";

const usual = { header: "x-user", slowStartMs: 0, panicThreshold: 0 };
const VALUES = Array.from({ length: 4_000 }, (_, n) => `user-${n}`);

async function sticky(options: Partial<typeof usual> = {}, seed = 1) {
  const balancer = new Sticky(await balancerOf(p2c, {}, seed), { ...usual, ...options });
  const pickFor = (value: string | undefined, now = 0): FakeCandidate => {
    const x = plainExchange(new Layout());
    if (value !== undefined) x.request.headers = HeaderList.of([["X-User", value]]);
    return balancer.pick(x, now) as FakeCandidate;
  };
  return { balancer, pickFor };
}

/** How many of the values each has. */
function tally(all: readonly FakeCandidate[], pickFor: (value: string, now?: number) => FakeCandidate, now = 0) {
  const counts = all.map(() => 0);
  for (const value of VALUES) {
    const at = all.indexOf(pickFor(value, now));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

test("the same value goes to the same endpoint, in every router", async () => {
  const [one, other] = [await sticky({}, 1), await sticky({}, 99)];
  const here = candidates(one.balancer, [1, 1, 1, 1, 1]);
  const there = candidates(other.balancer, [1, 1, 1, 1, 1]);
  for (const value of VALUES.slice(0, 200)) {
    const at = here.indexOf(one.pickFor(value));
    for (let n = 0; n < 3; n++) assert.equal(here.indexOf(one.pickFor(value)), at);
    assert.equal(there.indexOf(other.pickFor(value)), at);
  }
});

test("endpoints have as many values as they weigh", async () => {
  for (const weights of [
    [1, 1, 1, 1],
    [1, 1, 0.5, 2],
    [0, 0, 0],
    [3, 0],
  ]) {
    const { balancer, pickFor } = await sticky();
    const all = candidates(balancer, weights);
    const counts = tally(all, pickFor);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, at) => {
      const share = total === 0 ? 1 / weights.length : weight / total;
      assert.ok(isNear(counts[at] ?? 0, VALUES.length, share), `${weights.join(" ")}: ${counts.join(" ")}`);
    });
  }
});

test("who leaves, or is not open, takes only his own values; who comes takes only what is his", async () => {
  const { balancer, pickFor } = await sticky();
  const all = candidates(balancer, [1, 1, 1, 1, 1]);
  const before = new Map(VALUES.map((value) => [value, pickFor(value)]));
  const [ejected] = all as [FakeCandidate];
  ejected.status = "busy";
  for (const value of VALUES) {
    const now = pickFor(value);
    assert.equal(now.status, "open");
    if (before.get(value) !== ejected) assert.equal(now, before.get(value));
  }
  ejected.status = "open";
  const newcomer = candidate(balancer, { host: "10.0.0.9", port: 80, weight: 1 });
  balancer.update([...all, newcomer]);
  let moved = 0;
  for (const value of VALUES) {
    const now = pickFor(value);
    if (now === before.get(value)) continue;
    assert.equal(now, newcomer);
    moved++;
  }
  assert.ok(isNear(moved, VALUES.length, 1 / 6), `${moved} moved`);
});

test("a new endpoint takes its values one by one while it warms up, and none that is moved moves back", async () => {
  const { balancer, pickFor } = await sticky({ slowStartMs: 9_000 });
  const all = candidates(balancer, [1, 1, 1]);
  const newcomer = candidate(balancer, { host: "10.0.0.9", port: 80, weight: 1 }, 1_000);
  balancer.update([...all, newcomer]);
  const has = (now: number) => new Set(VALUES.filter((value) => pickFor(value, now) === newcomer));
  const [first, half, whole] = [has(1_000), has(5_000), has(10_000)];
  for (const value of first) assert.ok(half.has(value));
  for (const value of half) assert.ok(whole.has(value));
  assert.ok(isNear(first.size, VALUES.length, 0.1 / 3.1), `${first.size}`);
  assert.ok(isNear(half.size, VALUES.length, 0.5 / 3.5), `${half.size}`);
  assert.ok(isNear(whole.size, VALUES.length, 1 / 4), `${whole.size}`);
});

test("without the header, or with an empty one, the balancer decides", async () => {
  const { balancer, pickFor } = await sticky();
  const all = candidates(balancer, [1, 1]);
  const picked = new Set<FakeCandidate>();
  for (let n = 0; n < 100; n++) picked.add(pickFor(n % 2 === 0 ? undefined : ""));
  assert.equal(picked.size, all.length);
});

test("with none open, or fewer than the panic threshold, all have their values again", async () => {
  for (const [panicThreshold, open] of [
    [0, 0],
    [0.5, 1],
  ] as const) {
    const { balancer, pickFor } = await sticky({ panicThreshold });
    const all = candidates(balancer, [1, 1, 1, 1]);
    const before = VALUES.map((value) => pickFor(value));
    for (const each of all.slice(open)) each.status = "busy";
    VALUES.forEach((value, at) => assert.equal(pickFor(value), before[at]));
  }
});

test("an empty set has no endpoint for a value", async () => {
  const { balancer, pickFor } = await sticky();
  balancer.update([]);
  assert.equal(pickFor("a"), undefined);
});
