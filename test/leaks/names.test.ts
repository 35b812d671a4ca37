/** What thousands of names cost that were called once: what is kept of each must stay small. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../src/base/address.ts";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import { Scope } from "../../src/base/scope.ts";
import { Var } from "../../src/base/var.ts";
import { clusterTable } from "../../src/cluster/cluster-series.ts";
import { ClusterSlots } from "../../src/cluster/slots.ts";
import { type ClusterTierKit, openClusterTier } from "../../src/cluster/stack.ts";
import { Layout } from "../../src/http/exchange.ts";
import { FakeClock, seededRandom, turn } from "../../src/testing/index.ts";
import { never, p2c, poolOptions, quiet } from "../fakes/cluster-bench.ts";
import { FakeTransport } from "../fakes/fake-transport.ts";
import { heapInUse } from "../e2e/heap.ts";
import { Hearer, plainExchange } from "../fakes/plain-exchange.ts";
import { RouterBench, to } from "../fakes/router-bench.ts";

const NAMES = 2_000;
const ENDPOINTS = 10;

test("a cluster of ten endpoints, one of which was called, takes less than 5 KB, its connection aside", async () => {
  const layout = new Layout();
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const series = new MetricsRegistry().table(clusterTable, { router: "http" }, new Scope());
  const kit: ClusterTierKit = {
    transport,
    accrual: never,
    clock,
    random: seededRandom(2),
    log: quiet,
    slots: new ClusterSlots(layout),
    maxPending: 10,
    bindingTimeoutMs: 10_000,
    drainMs: 0,
    connectFailuresToBusy: 1,
    pool: { ...poolOptions, idleTimeMs: 1_000 },
  };
  const hearer = new Hearer();
  const open = async (n: number) => {
    const hosts = Array.from({ length: ENDPOINTS }, (_, at) => ({ host: `10.0.${n & 255}.${at}`, port: n, weight: 1 }));
    const tier = openClusterTier(
      { id: `/#/fs/${n}`, addresses: Var.of(AddressSet.of(hosts)), balancer: p2c(), series },
      kit,
    );
    const x = plainExchange(layout);
    x.routeTier = hearer;
    tier.first.dispatch(x);
    await turn();
    transport.of(x).reply(x);
    hearer.heard.clear();
    return tier;
  };
  for (let n = 0; n < 50; n++) await open(n);
  await clock.advanceAsync(2_000);
  transport.dialled.length = 0;
  const before = await heapInUse();
  const tiers = [];
  for (let n = 50; n < 50 + NAMES; n++) tiers.push(await open(n));
  await clock.advanceAsync(2_000);
  transport.dialled.length = 0;
  const each = ((await heapInUse()) - before) / NAMES;
  assert.ok(each < 5 * 1_024, `${each.toFixed(0)} bytes`);
  await Promise.all(tiers.map((tier) => tier.close()));
});

test("a route that was used once takes less than 5 KB", async () => {
  const bench = new RouterBench({ router: { maxRoutes: NAMES + 100 } });
  const use = (n: number): void => {
    const name = `s-${n}`;
    bench.name(`/svc/${name}`).tree(to(`/#/fs/${name}`));
    bench.cluster(`/#/fs/${name}`).answer = 200;
    bench.send(name);
    bench.hearer.heard.clear();
  };
  for (let n = 0; n < 50; n++) use(n);
  const before = await heapInUse();
  for (let n = 50; n < 50 + NAMES; n++) use(n);
  const each = ((await heapInUse()) - before) / NAMES;
  assert.ok(each < 5 * 1_024, `${each.toFixed(0)} bytes, of which some are the bench's own`);
});
