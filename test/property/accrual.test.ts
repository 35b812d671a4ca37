// Ejections, checks, updates and answers in any order: whatever has happened, requests go to an endpoint that is open
// where there is one, and one that is out is tested by one request at a time.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { failures } from "../../src/base/failure.ts";
import type { HealthReport } from "../../src/base/health.ts";
import type { AccrualPolicyFactory } from "../../src/cluster/accrual-policy.ts";
import type { Balancer } from "../../src/cluster/balancer.ts";
import type { Endpoint } from "../../src/cluster/endpoint.ts";
import type { Exchange } from "../../src/http/exchange.ts";
import consecutiveFailures from "../../src/plugins/accruals/consecutive-failures.ts";
import successRateWindowed from "../../src/plugins/accruals/success-rate-windowed.ts";
import successRate from "../../src/plugins/accruals/success-rate.ts";
import aperture from "../../src/plugins/balancers/aperture.ts";
import ewma from "../../src/plugins/balancers/ewma.ts";
import heap from "../../src/plugins/balancers/heap.ts";
import p2c from "../../src/plugins/balancers/p2c.ts";
import roundRobin from "../../src/plugins/balancers/round-robin.ts";
import { seededRandom, turn } from "../../src/testing/index.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { clusterBench } from "../fakes/cluster-bench.ts";

const backoff = { kind: "jittered", minMs: 200, maxMs: 1_000 };
const context = (seed: number) => testContext({ random: seededRandom(seed) });

const policies: readonly ((seed: number) => AccrualPolicyFactory)[] = [
  (seed: number) =>
    consecutiveFailures.create(consecutiveFailures.schema.parse({ failures: 2, backoff }), context(seed)),
  (seed: number) =>
    successRate.create(successRate.schema.parse({ successRate: 0.8, requests: 3, backoff }), context(seed)),
  (seed: number) =>
    successRateWindowed.create(
      successRateWindowed.schema.parse({ successRate: 0.8, window: 1, backoff }),
      context(seed),
    ),
].map((make) => make as (seed: number) => AccrualPolicyFactory);

const balancers: readonly ((seed: number) => Balancer)[] = [p2c, ewma, roundRobin, heap, aperture].map(
  (plugin) => (seed: number) => {
    const made = plugin.create(plugin.schema.parse({}) as never, context(seed)) as { create(): Balancer };
    return made.create();
  },
);

const port = fc.integer({ min: 80, max: 83 });
const at = fc.nat(12);

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("send" as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("answer" as const), at, status: fc.constantFrom(200, 200, 500, 503) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reset" as const), at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("check" as const), port, isHealthy: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("addresses" as const), ports: fc.uniqueArray(port, { minLength: 1 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 700 }) }) },
);

/** A cluster whose endpoints all accept connections, and its witness. */
class Site {
  readonly bench;
  readonly sent: Exchange[] = [];
  /** By endpoint, the request that tests it. */
  readonly #probes = new Map<Endpoint, Exchange>();
  readonly #health = new Map<string, { isHealthy: boolean; answer: string; since: number }>();
  #hear: (report: HealthReport) => void = () => undefined;

  constructor(accrual: AccrualPolicyFactory, balancer: Balancer) {
    this.bench = clusterBench(
      {},
      {
        accrual,
        balancer,
        watchHealth: (hear) => {
          this.#hear = hear;
          return { follow: () => undefined, [Symbol.dispose]: () => undefined };
        },
      },
    );
    this.bench.source.at(80, 81, 82);
  }

  send(): void {
    const { cluster, slots, send } = this.bench;
    const before = new Map(cluster.endpoints.map((endpoint) => [endpoint, [endpoint.status, stateOf(endpoint)]]));
    const x = send();
    this.sent.push(x);
    const chosen = x.values[slots.endpoint] as Endpoint;
    const [status, state] = before.get(chosen) ?? [];
    const isAnyOpen = [...before.values()].some(([each]) => each === "open");
    assert.ok(status === "open" || !isAnyOpen, `${chosen.key} was ${status} where another was open`);
    if (state !== "probe-open") return;
    assert.equal(this.#probes.get(chosen), undefined, `a second request tests ${chosen.key}`);
    this.#probes.set(chosen, x);
  }

  check(checked: number, isHealthy: boolean): void {
    this.#health.set(`10.0.0.1:${checked}`, { isHealthy, answer: "", since: 0 });
    this.#hear(new Map(this.#health));
  }

  addresses(ports: readonly number[]): void {
    const { cluster, source } = this.bench;
    const before = new Map(cluster.view().endpoints.map((each) => [each.address, each]));
    source.at(...ports);
    for (const each of cluster.view().endpoints) {
      const known = before.get(each.address);
      if (known !== undefined) assert.deepEqual(each.accrual, known.accrual);
    }
  }

  /** A test of an endpoint is over with its request, or when the endpoint is as new. */
  settle(): void {
    for (const [endpoint, x] of this.#probes) {
      const isOver = this.bench.hearer.of(x).at(-1) === "end";
      if (isOver || stateOf(endpoint) === "alive" || endpoint.status === "closed") this.#probes.delete(endpoint);
    }
  }
}

const stateOf = (endpoint: Endpoint): string => endpoint.view(0).accrual.state;

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function play(site: Site, next: Step): void {
  const { transport, clock } = site.bench;
  const nth = (index: number): Exchange | undefined => {
    const open = site.sent.filter((x) => x.holder !== undefined);
    return open[index % Math.max(1, open.length)];
  };
  if (next.do === "send") return site.send();
  if (next.do === "wait") return clock.advance(next.ms);
  if (next.do === "check") return site.check(next.port, next.isHealthy);
  if (next.do === "addresses") return site.addresses(next.ports);
  const x = nth(next.at);
  if (x === undefined) return;
  const connection = [...transport.connections].find((each) => each.attempts.has(x));
  if (next.do === "leave") x.cancel(failures["downstream.gone"]);
  else if (next.do === "reset") connection?.fail(x, failures["upstream.reset"]);
  else connection?.reply(x, next.status);
}

test("an open endpoint is chosen where there is one, and one that is out is tested by one request at a time", async () => {
  const runs = fc.asyncProperty(
    fc.array(step, { minLength: 20, maxLength: 120 }),
    fc.constantFrom(...policies),
    fc.constantFrom(...balancers),
    fc.integer(),
    async (steps, policy, balancer, seed) => {
      const site = new Site(policy(seed), balancer(seed));
      for (const next of steps) {
        play(site, next);
        await turn();
        site.settle();
      }
      const closing = site.bench.cluster.close(0);
      await site.bench.clock.advanceAsync(0);
      await closing;
      assert.equal(site.bench.clock.waiting, 0, "timers are left");
    },
  );
  await fc.assert(runs, { numRuns: 300 });
});
