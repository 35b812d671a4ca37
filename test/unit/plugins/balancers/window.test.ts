import assert from "node:assert/strict";
import { test } from "node:test";
import type { Balancer } from "../../../../src/cluster/balancer.ts";
import aperture from "../../../../src/plugins/balancers/aperture.ts";
import { balancerOf, candidates, type FakeCandidate, pick, shares } from "../../../fakes/candidates.ts";

function used(balancer: Balancer, made: readonly FakeCandidate[], now = 0): readonly number[] {
  const picked = shares(balancer, made, 500, now).flatMap((count, at) => (count > 0 ? [at] : []));
  const shareOf = balancer.shares?.(now);
  assert.ok(shareOf);
  for (const [at, each] of made.entries()) {
    if (picked.includes(at)) assert.equal(shareOf(each), 1, `${at} was picked, and is shown as outside`);
  }
  assert.ok(made.filter((each) => shareOf(each) > 0).length >= picked.length);
  return picked;
}

/** Keeps `concurrent` exchanges going, each for `tookMs`, and says how many endpoints were used at the end. */
function drive(balancer: Balancer, concurrent: number, { tookMs = 100, forMs = 120_000 } = {}): number {
  const running: { endpoint: FakeCandidate; since: number }[] = [];
  const lately = new Set<FakeCandidate>();
  for (let now = 0; now < forMs; now += tookMs / concurrent) {
    if (running.length === concurrent) {
      const oldest = running.shift();
      oldest?.endpoint.load.ended(now, oldest.since, true);
    }
    const endpoint = pick(balancer, now) as FakeCandidate;
    endpoint.load.started(now);
    running.push({ endpoint, since: now });
    if (now > forMs - 2_000) lately.add(endpoint);
  }
  return lately.size;
}

test("without much load one endpoint of ten is used, and always the same", async () => {
  const balancer = await balancerOf(aperture);
  const made = candidates(balancer, Array<number>(10).fill(1));
  const first = used(balancer, made);
  assert.equal(first.length, 1);
  assert.deepEqual(used(balancer, made), first);
});

test("`minAperture` endpoints are used at least, and all where there are fewer", async () => {
  const balancer = await balancerOf(aperture, { minAperture: 3 });
  assert.equal(used(balancer, candidates(balancer, Array<number>(10).fill(1))).length, 3);
  assert.equal(used(balancer, candidates(balancer, [1, 1])).length, 2);
});

test("with c exchanges at a time the aperture comes within one of c / 1.125 endpoints, with Finagle's band", async () => {
  for (const concurrent of [4, 8, 13]) {
    const balancer = await balancerOf(aperture, { lowLoad: 0.875, highLoad: 1.125, smoothWindowMs: 2_000 });
    candidates(balancer, Array<number>(20).fill(1));
    const width = drive(balancer, concurrent);
    assert.ok(Math.abs(width - concurrent / 1.125) <= 1.5, `${concurrent} at a time: ${width} endpoints`);
  }
});

test("another open endpoint takes the place of one in the aperture that is busy, until that is back", async () => {
  const balancer = await balancerOf(aperture);
  const made = candidates(balancer, Array<number>(10).fill(1));
  const [before = 0] = used(balancer, made);
  Object.assign(made[before] ?? {}, { status: "busy" });
  const [meanwhile = 0, ...others] = used(balancer, made);
  assert.notEqual(meanwhile, before);
  assert.deepEqual(others, []);
  Object.assign(made[before] ?? {}, { status: "open" });
  assert.deepEqual(used(balancer, made), [before]);
});

test("an aperture of three has three open endpoints, whoever is busy", async () => {
  const balancer = await balancerOf(aperture, { minAperture: 3 });
  const made = candidates(balancer, Array<number>(10).fill(1));
  const before = used(balancer, made);
  const [one = 0] = before;
  Object.assign(made[one] ?? {}, { status: "busy" });
  const meanwhile = used(balancer, made);
  assert.equal(meanwhile.length, 3);
  assert.ok(!meanwhile.includes(one));
  Object.assign(made[one] ?? {}, { status: "open" });
  pick(balancer);
  assert.deepEqual(used(balancer, made), before);
});

test("who stays in the set keeps his place in line", async () => {
  const balancer = await balancerOf(aperture);
  const made = candidates(balancer, Array<number>(10).fill(1));
  const [before = 0] = used(balancer, made);
  const kept = made.filter((_, at) => at % 2 === before % 2);
  balancer.update(kept);
  assert.equal(pick(balancer), made[before]);
});

test("exchanges of who leaves no longer count, and those of who stays still do", async () => {
  const balancer = await balancerOf(aperture, { lowLoad: 0, smoothWindowMs: 1 });
  const made = candidates(balancer, [1, 1, 1, 1]);
  const [stays, leaves] = made as [FakeCandidate, FakeCandidate];
  for (let n = 0; n < 4; n++) leaves.load.started(n * 1_000);
  for (let n = 4; n < 7; n++) stays.load.started(n * 1_000);
  const rest = made.filter((each) => each !== leaves);
  balancer.update(rest);
  leaves.load.ended(8_000, 0, true);
  for (let n = 0; n < 3; n++) stays.load.ended(9_000 + n * 1_000, 0, true);
  // Nothing is outstanding; below nothing there is nothing to count.
  stays.load.started(20_000);
  stays.load.ended(30_000, 20_000, true);
  assert.ok(used(balancer, rest, 40_000).length <= 3);
});

test("an endpoint outside that was idle for ten windows is told to close what it has, once in five windows", async () => {
  const balancer = await balancerOf(aperture, { smoothWindowMs: 1_000 });
  const made = candidates(balancer, Array<number>(4).fill(1));
  const [inside = 0] = used(balancer, made);
  const outside = (inside + 1) % 4;
  const { load } = made[outside] as FakeCandidate;
  load.started(0);
  load.ended(100, 0, true);
  for (let now = 100; now < 10_000; now += 100) pick(balancer, now);
  assert.equal(made[outside]?.closings, 0);
  for (let now = 10_000; now < 16_000; now += 100) pick(balancer, now);
  assert.equal(made[outside]?.closings, 1);
  assert.equal(made[inside]?.closings, 0);
});

test("endpoints of unequal weight have an aperture for each weight, drawn by what the groups weigh", async () => {
  const balancer = await balancerOf(aperture);
  const made = candidates(balancer, [1, 1, 1, 9]);
  const counts = shares(balancer, made, 12_000);
  assert.equal(counts.filter((count) => count > 0).length, 2);
  assert.ok(Math.abs((counts[3] ?? 0) - 9_000) < 250, counts.join(" "));
});
