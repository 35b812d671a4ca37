/** Endpoints as a balancer sees them, whose status and load a test sets, and a way to ask a balancer. */
import type { Address } from "../../src/base/address.ts";
import type { Balancer, BalancerFactory, Candidate, Load } from "../../src/cluster/balancer.ts";
import type { Plugin } from "../../src/config/plugin.ts";
import { Layout } from "../../src/http/exchange.ts";
import type { Status } from "../../src/http/transport.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { plainExchange } from "./plain-exchange.ts";

export interface FakeCandidate extends Candidate {
  status: Status;
  lost: boolean;
  load: Load;
  /** How often it was told to close what is idle. */
  closings: number;
}

export function candidates(balancer: Balancer, weights: readonly number[], now = 0): FakeCandidate[] {
  const made = weights.map((weight, at) => candidate(balancer, { host: "10.0.0.1", port: 80 + at, weight }, now));
  balancer.update(made);
  for (const each of made) each.load = balancer.newLoad(now, each);
  return made;
}

/** One that is in no set yet. */
export function candidate(balancer: Balancer, address: Address, bornAt = 0): FakeCandidate {
  return {
    address,
    load: balancer.newLoad(bornAt),
    status: "open",
    lost: false,
    bornAt,
    closings: 0,
    closeIdle() {
      this.closings++;
    },
  };
}

export async function balancerOf<C>(plugin: Plugin<"balancer", C>, input: object = {}, seed = 1): Promise<Balancer> {
  const context = testContext({ random: seededRandom(seed) });
  const factory: BalancerFactory = await plugin.create(plugin.schema.parse(input), context);
  return factory.create();
}

const x = plainExchange(new Layout());

/** How often each candidate is picked when nothing is ever outstanding. */
export function shares(balancer: Balancer, of: readonly Candidate[], picks: number, now = 0): number[] {
  const counts = of.map(() => 0);
  for (let n = 0; n < picks; n++) {
    const at = of.indexOf(balancer.pick(x, now) as Candidate);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

export function pick(balancer: Balancer, now = 0): Candidate | undefined {
  return balancer.pick(x, now);
}

/** Whether `count` of `picks` is within 5 standard deviations of a share of `p`. */
export function isNear(count: number, picks: number, p: number): boolean {
  return Math.abs(count - picks * p) <= 5 * Math.sqrt(picks * p * (1 - p)) + 1;
}
