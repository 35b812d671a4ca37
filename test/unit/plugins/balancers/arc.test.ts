import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import aperture from "../../../../src/plugins/balancers/aperture.ts";
import { balancerOf, candidates, isNear, pick, shares } from "../../../fakes/candidates.ts";

async function sharesOf(instance: number, of: number, endpoints: number, minAperture: number, picks: number) {
  const balancer = await balancerOf(aperture, { minAperture, subset: { instance, of } }, instance + 1);
  const made = candidates(balancer, Array<number>(endpoints).fill(1));
  const counts = shares(balancer, made, picks);
  const shareOf = balancer.shares?.(0);
  for (const [at, each] of made.entries()) assert.equal(shareOf?.(each), counts[at] === 0 ? 0 : 1, `endpoint ${at}`);
  return counts;
}

test("two routers of four endpoints have two each, by the order of their addresses", async () => {
  assert.deepEqual(
    (await sharesOf(0, 2, 4, 1, 400)).map((count) => count > 0),
    [true, true, false, false],
  );
  assert.deepEqual(
    (await sharesOf(1, 2, 4, 1, 400)).map((count) => count > 0),
    [false, false, true, true],
  );
});

test("an endpoint that is in the arc by half is drawn half as often", async () => {
  // Two routers, three endpoints: the first has all of the first and half of the second.
  const counts = await sharesOf(0, 2, 3, 1, 9_000);
  assert.ok(isNear(counts[0] ?? 0, 9_000, 1) || (counts[0] ?? 0) > 0);
  assert.equal(counts[2], 0);
  const whole = await Promise.all(Array.from({ length: 2 }, (_, at) => sharesOf(at, 2, 3, 1, 9_000)));
  for (let at = 0; at < 3; at++) {
    const sum = (whole[0]?.[at] ?? 0) + (whole[1]?.[at] ?? 0);
    assert.ok(Math.abs(sum - 6_000) < 1_500, `${at}: ${sum}`);
  }
});

test("all routers together draw every endpoint, and have `minAperture` of them each", async () => {
  for (const [routers, endpoints, least] of [
    [5, 12, 4],
    [12, 5, 3],
    [7, 7, 1],
    [3, 20, 2],
  ] as const) {
    const all = await Promise.all(
      Array.from({ length: routers }, (_, at) => sharesOf(at, routers, endpoints, least, 2_000)),
    );
    for (const counts of all) assert.ok(counts.filter((count) => count > 0).length >= least);
    for (let at = 0; at < endpoints; at++) {
      const sum = all.reduce((total, counts) => total + (counts[at] ?? 0), 0);
      const fair = (routers * 2_000) / endpoints;
      assert.ok(sum > fair * 0.5 && sum < fair * 1.5, `${routers} routers, endpoint ${at} of ${endpoints}: ${sum}`);
    }
  }
});

test("whatever the numbers, an endpoint is picked, and an open one where there is one", async () => {
  const cases = fc.record({
    of: fc.integer({ min: 1, max: 40 }),
    part: fc.double({ min: 0, max: 0.999, noNaN: true }),
    endpoints: fc.integer({ min: 1, max: 30 }),
    minAperture: fc.integer({ min: 1, max: 40 }),
    open: fc.integer({ min: 0, max: 29 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ of, part, endpoints, minAperture, open }) => {
      const subset = { instance: Math.floor(part * of), of };
      const balancer = await balancerOf(aperture, { minAperture, subset });
      const made = candidates(balancer, Array<number>(endpoints).fill(1));
      for (let n = 0; n < 20; n++) assert.ok(pick(balancer));
      made.forEach((each, at) => Object.assign(each, { status: at === open ? "open" : "busy" }));
      for (let n = 0; n < 5; n++) assert.equal(pick(balancer)?.status, open < endpoints ? "open" : "busy");
    }),
  );
});

test("a number that is not among its equals is refused", () => {
  assert.throws(() => aperture.schema.parse({ subset: { instance: 3, of: 3 } }), /`instance` counts from 0/);
  assert.throws(() => aperture.schema.parse({ lowLoad: 2, highLoad: 1 }), /`lowLoad` is not below `highLoad`/);
});
