import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Balancer } from "../../../../src/cluster/balancer.ts";
import aperture from "../../../../src/plugins/balancers/aperture.ts";
import ewma from "../../../../src/plugins/balancers/ewma.ts";
import heap from "../../../../src/plugins/balancers/heap.ts";
import p2c from "../../../../src/plugins/balancers/p2c.ts";
import roundRobin from "../../../../src/plugins/balancers/round-robin.ts";
import type { Status } from "../../../../src/http/transport.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";
import { balancerOf, candidates, isNear, pick, shares } from "../../../fakes/candidates.ts";

const kinds: readonly (readonly [string, (seed?: number) => Promise<Balancer>])[] = [
  ["p2c", (seed) => balancerOf(p2c, {}, seed)],
  ["ewma", (seed) => balancerOf(ewma, {}, seed)],
  ["roundRobin", (seed) => balancerOf(roundRobin, {}, seed)],
  ["heap", (seed) => balancerOf(heap, {}, seed)],
];
/** Those that use a part of the endpoints only. */
const partial: typeof kinds = [
  ["aperture", (seed) => balancerOf(aperture, {}, seed)],
  ["aperture with a subset", (seed) => balancerOf(aperture, { subset: { instance: 2, of: 5 } }, seed)],
];

test("balancers are known by the kinds of Linkerd 1", () => {
  assert.deepEqual(
    [p2c, ewma, aperture, roundRobin, heap].map((plugin) => plugin.kind),
    ["p2c", "ewma", "aperture", "roundRobin", "heap"],
  );
});

for (const [kind, make] of [...kinds, ...partial]) {
  test(`${kind}: an empty set has no endpoint, one endpoint is always picked`, async () => {
    const balancer = await make();
    balancer.update([]);
    assert.equal(pick(balancer), undefined);
    const [only] = candidates(balancer, [1]);
    assert.equal(pick(balancer), only);
    if (only) only.status = "busy";
    assert.equal(pick(balancer), only);
  });

  test(`${kind}: an open endpoint is picked when there is one, whatever the weights`, async () => {
    const status = fc.constantFrom<Status>("open", "busy", "closed");
    const weight = fc.constantFrom(0, 0.5, 1, 1, 1, 3);
    const set = fc.array(fc.tuple(status, weight), { minLength: 1, maxLength: 12 });
    const balancer = await make();
    fc.assert(
      fc.property(set, fc.nat(1000), (endpoints, at) => {
        const made = candidates(
          balancer,
          endpoints.map(([, weight]) => weight),
        );
        endpoints.forEach(([status], n) => Object.assign(made[n] ?? {}, { status }));
        const hasOpen = made.some((each) => each.status === "open");
        for (let n = 0; n < 5; n++) {
          const picked = pick(balancer, at);
          assert.ok(picked && made.includes(picked as (typeof made)[number]));
          if (hasOpen) assert.equal(picked.status, "open");
        }
      }),
    );
  });

  test(`${kind}: what is open changes while it picks, and an open endpoint is picked all the same`, async () => {
    const balancer = await make(7);
    const random = seededRandom(7);
    const made = candidates(balancer, [1, 1, 1, 1, 1, 1, 2, 2]);
    for (let n = 0; n < 5_000; n++) {
      const at = Math.floor(random.next() * made.length);
      Object.assign(made[at] ?? {}, { status: random.next() < 0.3 ? "open" : "busy" });
      const picked = pick(balancer, n);
      if (made.some(({ status }) => status === "open")) assert.equal(picked?.status, "open");
      picked?.load.started(n);
      if (random.next() < 0.9) picked?.load.ended(n, n, true);
    }
  });
}

for (const [kind, make] of kinds) {
  test(`${kind}: equal endpoints get equal shares, and none starves`, async () => {
    const balancer = await make();
    const made = candidates(balancer, [1, 1, 1, 1, 1]);
    for (const count of shares(balancer, made, 10_000)) assert.ok(isNear(count, 10_000, 0.2), `${count} of 10000`);
  });

  test(`${kind}: the share of an endpoint follows its weight`, async () => {
    const balancer = await make();
    const made = candidates(balancer, [1, 1, 0.5, 2]);
    const counts = shares(balancer, made, 18_000);
    [1, 1, 0.5, 2].forEach((weight, n) => {
      assert.ok(isNear(counts[n] ?? 0, 18_000, weight / 4.5), `weight ${weight}: ${counts[n]} of 18000`);
    });
  });

  test(`${kind}: weights that are all 0 count as equal, and a weight of 0 beside others is not drawn`, async () => {
    const balancer = await make();
    const zeroes = candidates(balancer, [0, 0]);
    for (const count of shares(balancer, zeroes, 4_000)) assert.ok(isNear(count, 4_000, 0.5));
    const made = candidates(balancer, [1, 0]);
    assert.deepEqual(shares(balancer, made, 1_000), [1_000, 0]);
    Object.assign(made[0] ?? {}, { status: "busy" });
    assert.deepEqual(shares(balancer, made, 1_000), [0, 1_000]);
  });

  test(`${kind}: with none open all are used`, async () => {
    const balancer = await make();
    const made = candidates(balancer, [1, 1, 1]);
    for (const each of made) each.status = "busy";
    for (const count of shares(balancer, made, 3_000)) assert.ok(count > 800, `${count} of 3000`);
  });
}

test("p2c: of two endpoints the one with fewer exchanges is picked, of equals the first drawn", async () => {
  const balancer = await balancerOf(p2c);
  const [a, b] = candidates(balancer, [1, 1]);
  a?.load.started(0);
  for (let n = 0; n < 100; n++) assert.equal(pick(balancer), b);
  b?.load.started(0);
  const counts = shares(balancer, [a, b] as never, 2_000);
  assert.ok(isNear(counts[0] ?? 0, 2_000, 0.5));
});

test("p2c: status comes before load", async () => {
  const balancer = await balancerOf(p2c);
  const [a, b] = candidates(balancer, [1, 1]);
  for (let n = 0; n < 50; n++) a?.load.started(0);
  if (b) b.status = "busy";
  for (let n = 0; n < 100; n++) assert.equal(pick(balancer), a);
});

test("p2c: the one open endpoint of ten is always picked; with none open the draw is among all ten", async () => {
  const balancer = await balancerOf(p2c);
  const made = candidates(balancer, Array<number>(10).fill(1));
  for (const each of made.slice(1)) each.status = "busy";
  assert.equal(shares(balancer, made, 1_000)[0], 1_000);
  Object.assign(made[0] ?? {}, { status: "busy" });
  for (const count of shares(balancer, made, 10_000)) assert.ok(isNear(count, 10_000, 0.1));
});

test("p2c: among the open ones the draw is even when others are not open", async () => {
  const balancer = await balancerOf(p2c);
  const made = candidates(balancer, Array<number>(9).fill(1));
  made.forEach((each, n) => Object.assign(each, { status: n % 3 === 0 ? "open" : "busy" }));
  const counts = shares(balancer, made, 9_000);
  for (const n of [0, 3, 6]) assert.ok(isNear(counts[n] ?? 0, 9_000, 1 / 3));
});

test("ewma: an endpoint whose first answer takes long is picked once until it has answered", async () => {
  const balancer = await balancerOf(ewma);
  const made = candidates(balancer, [1, 1, 1]);
  const slow = made[0];
  let picked = 0;
  for (let now = 1; now < 2_000; now++) {
    const endpoint = pick(balancer, now);
    endpoint?.load.started(now);
    if (endpoint === slow) picked++;
    else endpoint?.load.ended(now + 1, now, true);
  }
  assert.equal(picked, 1);
});

test("ewma: a slow endpoint gets less than its equals", async () => {
  const balancer = await balancerOf(ewma, { decayTimeMs: 1_000 });
  const made = candidates(balancer, [1, 1, 1, 1]);
  const counts = made.map(() => 0);
  for (let now = 0; now < 20_000; now += 5) {
    const at = made.indexOf(pick(balancer, now) as (typeof made)[number]);
    counts[at] = (counts[at] ?? 0) + 1;
    made[at]?.load.started(now);
    made[at]?.load.ended(now + (at === 0 ? 50 : 2), now, true);
  }
  const others = counts.slice(1).reduce((sum, count) => sum + count, 0) / 3;
  assert.ok((counts[0] ?? 0) > 0 && (counts[0] ?? 0) < others / 2, `${counts.join(" ")}`);
});

test("heap: the endpoint with the fewest exchanges of all is picked", async () => {
  const balancer = await balancerOf(heap);
  const made = candidates(balancer, [1, 1, 1, 1, 1, 1]);
  made.forEach((each, n) => {
    for (let k = 0; k < (n === 4 ? 1 : 2); k++) each.load.started(0);
  });
  for (let n = 0; n < 50; n++) assert.equal(pick(balancer), made[4]);
});

test("roundRobin: one after the other, over those that are open", async () => {
  const balancer = await balancerOf(roundRobin);
  const made = candidates(balancer, [1, 1, 1]);
  const order = Array.from({ length: 6 }, () => made.indexOf(pick(balancer) as (typeof made)[number]));
  assert.deepEqual(order, [0, 1, 2, 0, 1, 2]);
  Object.assign(made[1] ?? {}, { status: "busy" });
  const without = Array.from({ length: 4 }, () => made.indexOf(pick(balancer) as (typeof made)[number]));
  assert.deepEqual(without, [0, 2, 0, 2]);
});

test("an endpoint whose weight changes keeps its load", async () => {
  const balancer = await balancerOf(p2c);
  const [a, b] = candidates(balancer, [1, 1]);
  a?.load.started(0);
  balancer.update([{ ...a, address: { host: "h", port: 1, weight: 2 } }, b] as never);
  assert.equal(a?.load.cost(0), 1);
});
