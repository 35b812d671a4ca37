import assert from "node:assert/strict";
import { test } from "node:test";
import heap from "../../../../src/plugins/balancers/heap.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";
import { balancerOf, candidates, type FakeCandidate, isNear, pick } from "../../../fakes/candidates.ts";

const least = (all: readonly FakeCandidate[]): number => Math.min(...all.map(({ load }) => load.cost(0)));

test("over any course of starts and ends who is picked has the least of those that are open", async () => {
  for (const size of [2, 3, 7, 64, 200]) {
    const random = seededRandom(size);
    const balancer = await balancerOf(heap, {}, size);
    const all = candidates(balancer, Array<number>(size).fill(1));
    const running: FakeCandidate[] = [];
    for (let n = 0; n < 5_000; n++) {
      const picked = pick(balancer) as FakeCandidate;
      assert.equal(picked.load.cost(0), least(all));
      picked.load.started(0);
      running.push(picked);
      while (running.length > size || (running.length > 0 && random.next() < 0.5)) {
        const [over] = running.splice(Math.floor(random.next() * running.length), 1);
        over?.load.ended(0, 0, true);
      }
    }
  }
});

test("who is not open waits behind everybody, and comes back when he is open again", async () => {
  const random = seededRandom(3);
  const balancer = await balancerOf(heap, {}, 3);
  const all = candidates(balancer, Array<number>(20).fill(1));
  const running: FakeCandidate[] = [];
  for (let n = 0; n < 20_000; n++) {
    const one = all[Math.floor(random.next() * all.length)] as FakeCandidate;
    if (n % 7 === 0) one.status = random.next() < 0.6 ? "open" : "busy";
    const picked = pick(balancer) as FakeCandidate;
    if (all.some(({ status }) => status === "open")) assert.equal(picked.status, "open");
    picked.load.started(0);
    running.push(picked);
    if (running.length > 30) running.splice(Math.floor(random.next() * 30), 1)[0]?.load.ended(0, 0, true);
  }
  for (const each of all) each.status = "open";
  // Each pick looks at one of those that were not open.
  for (let n = 0; n < 20; n++) pick(balancer);
  for (let n = 0; n < 50; n++) {
    const picked = pick(balancer) as FakeCandidate;
    assert.equal(picked.load.cost(0), least(all));
    picked.load.started(0);
  }
});

test("where none is open the one with the least is picked", async () => {
  const balancer = await balancerOf(heap);
  const all = candidates(balancer, [1, 1, 1]);
  for (const each of all) each.status = "busy";
  for (const each of all.slice(1)) each.load.started(0);
  for (let n = 0; n < 20; n++) assert.equal(pick(balancer), all[0]);
});

test("those that have as little are picked alike, however little there is to do", async () => {
  const balancer = await balancerOf(heap);
  const all = candidates(balancer, Array<number>(10).fill(1));
  const counts = new Map(all.map((each) => [each, 0]));
  for (let n = 0; n < 10_000; n++) {
    const picked = pick(balancer) as FakeCandidate;
    counts.set(picked, (counts.get(picked) ?? 0) + 1);
    picked.load.started(0);
    picked.load.ended(0, 0, true);
  }
  for (const count of counts.values()) assert.ok(isNear(count, 10_000, 0.1), `${count} of 10000`);
});

test("an update keeps what its endpoints have to do, and what has left moves nothing", async () => {
  const balancer = await balancerOf(heap);
  const all = candidates(balancer, [1, 1, 1, 1]);
  const [leaves, one, two, three] = all as [FakeCandidate, FakeCandidate, FakeCandidate, FakeCandidate];
  for (const each of [leaves, one, one, two]) each.load.started(0);
  balancer.update([one, two, three]);
  assert.equal(pick(balancer), three);
  leaves.load.ended(0, 0, true);
  three.load.started(0);
  three.load.started(0);
  assert.equal(pick(balancer), two);
});
