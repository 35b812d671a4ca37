/** A cluster tier on fakes, for the tests of this folder. */
import { AddressSet } from "../../src/base/address.ts";
import type { Log } from "../../src/base/log.ts";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import { Scope } from "../../src/base/scope.ts";
import { ok, type State, Var } from "../../src/base/var.ts";
import type { AccrualPolicyFactory } from "../../src/cluster/accrual-policy.ts";
import type { Balancer } from "../../src/cluster/balancer.ts";
import { clusterTable } from "../../src/cluster/cluster-series.ts";
import type { PoolOptions } from "../../src/cluster/pool-kit.ts";
import { ClusterSlots } from "../../src/cluster/slots.ts";
import { type ClusterTierKit, type ClusterTierParts, openClusterTier } from "../../src/cluster/stack.ts";
import { type Exchange, Layout } from "../../src/http/exchange.ts";
import { LeastLoaded } from "../../src/plugins/balancers/least-loaded.ts";
import { TwoChoices } from "../../src/plugins/balancers/two-choices.ts";
import { WeightGroups } from "../../src/plugins/balancers/weight-groups.ts";
import { FakeClock, seededRandom } from "../../src/testing/index.ts";
import { FakeTransport } from "./fake-transport.ts";
import { Hearer, plainExchange } from "./plain-exchange.ts";

export const quiet: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  with: () => quiet,
};

export const poolOptions: PoolOptions = {
  minSize: 0,
  maxSize: Infinity,
  maxWaiters: Infinity,
  maxPending: Infinity,
  idleTimeMs: Infinity,
  lifeTimeMs: Infinity,
  connectTimeoutMs: 1000,
  waitMs: 10_000,
};

export const never: AccrualPolicyFactory = {
  create: () => ({ success: () => undefined, failure: () => undefined, revived: () => undefined }),
};

export function p2c(seed = 1): Balancer {
  const random = seededRandom(seed);
  return new WeightGroups({ random, newLoad: () => new LeastLoaded(), newChoice: () => new TwoChoices(random) });
}

/** Addresses that a test sets. */
export class Addresses {
  #set: ((state: State<AddressSet>) => void) | undefined;
  #state: State<AddressSet> | undefined;
  observed = false;
  readonly var = Var.source<AddressSet>(
    (set) => {
      this.#set = set;
      this.observed = true;
      if (this.#state) set(this.#state);
      return { [Symbol.dispose]: () => void (this.observed = false) };
    },
    { equals: (a, b) => a.equals(b) },
  );
  tell(state: State<AddressSet>): void {
    this.#state = state;
    this.#set?.(state);
  }
  /** Ports on one host, `weight` 1 unless said: `at(80, [81, 0.5])`. */
  at(...ports: readonly (number | readonly [number, number])[]): void {
    this.tell(ok(addresses(...ports)));
  }
}

export function addresses(...ports: readonly (number | readonly [number, number])[]): AddressSet {
  return AddressSet.of(
    ports.map((each) => {
      const [port, weight] = typeof each === "number" ? [each, 1] : each;
      return { host: "10.0.0.1", port, weight };
    }),
  );
}

export type BenchOptions = Partial<Omit<ClusterTierKit, "pool">> & { pool?: Partial<PoolOptions> };

export function clusterBench(
  options: BenchOptions = {},
  parts: Partial<ClusterTierParts & Omit<ClusterTierKit, "pool">> = {},
  transport = new FakeTransport(),
) {
  const layout = new Layout();
  const slots = new ClusterSlots(layout);
  const clock = new FakeClock();
  const metrics = new MetricsRegistry();
  const source = new Addresses();
  const hearer = new Hearer();
  const tier = openClusterTier(
    {
      id: "/#/fs/users",
      addresses: source.var,
      balancer: p2c(),
      series: metrics.table(clusterTable, { router: "http" }, new Scope()),
      ...parts,
    },
    {
      transport,
      accrual: never,
      clock,
      random: seededRandom(2),
      log: quiet,
      slots,
      maxPending: 1000,
      bindingTimeoutMs: 10_000,
      drainMs: 60_000,
      connectFailuresToBusy: 1,
      ...parts,
      ...options,
      pool: { ...poolOptions, ...options.pool },
    },
  );
  const send = (): Exchange => {
    const x = plainExchange(layout);
    x.routeTier = hearer;
    tier.first.dispatch(x);
    return x;
  };
  return { layout, slots, clock, metrics, source, hearer, transport, tier, cluster: tier.cluster, send };
}
