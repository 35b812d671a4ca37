// What a cluster adds to its balancer, with the cluster around it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccrualPolicyFactory } from "../../../../src/cluster/accrual-policy.ts";
import type { Balancer } from "../../../../src/cluster/balancer.ts";
import { balanced, type BalancedOptions } from "../../../../src/cluster/balancing/balanced.ts";
import aperture from "../../../../src/plugins/balancers/aperture.ts";
import heap from "../../../../src/plugins/balancers/heap.ts";
import { seededRandom, turn } from "../../../../src/testing/index.ts";
import { balancerOf } from "../../../fakes/candidates.ts";
import { clusterBench, p2c, quiet } from "../../../fakes/cluster-bench.ts";

const none = { slowStartMs: 0, panicThreshold: 0, cluster: "/#/fs/users", log: quiet, zone: { name: undefined } };

function adding(added: Partial<BalancedOptions>, inner: Balancer = p2c()): Balancer {
  return balanced(inner, { ...none, random: seededRandom(4), ...added });
}

/** Takes an endpoint out at its first failure, for a minute. */
const strict: AccrualPolicyFactory = {
  create: () => ({ success: () => undefined, failure: () => 60_000, revived: () => undefined }),
};

type Bench = ReturnType<typeof clusterBench>;

/** Sends one exchange, has it answered with `statusOf` its endpoint's port, and says that port. */
async function ask({ send, slots, transport }: Bench, statusOf: (port: number) => number = () => 200): Promise<number> {
  const x = send();
  await turn();
  const { address } = x.values[slots.endpoint] as { readonly address: { readonly port: number } };
  transport.of(x).reply(x, statusOf(address.port));
  return address.port;
}

async function asked(bench: Bench, times: number, statusOf?: (port: number) => number): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (let n = 0; n < times; n++) {
    const port = await ask(bench, statusOf);
    counts.set(port, (counts.get(port) ?? 0) + 1);
  }
  return counts;
}

/** As it is scraped. */
function panicOf({ metrics }: Bench): number | undefined {
  const [series] = metrics.families().find(({ spec }) => spec.name === "linkspan_panic")?.series ?? [];
  return series !== undefined && "value" in series ? series.value : undefined;
}

test("what nobody asks for is not there", () => {
  const inner = p2c();
  assert.equal(adding({}, inner), inner);
});

test("a cluster whose endpoints fail one after the other uses all again when too few are left", async () => {
  const bench = clusterBench({}, { balancer: adding({ panicThreshold: 0.5 }), accrual: strict });
  bench.source.at(80, 81, 82, 83);
  const failing = (port: number): number => (port < 83 ? 503 : 200);
  for (let n = 0; n < 40; n++) await ask(bench, failing);
  assert.equal(bench.cluster.endpoints.filter(({ status }) => status === "busy").length, 3);
  const counts = await asked(bench, 40, failing);
  assert.equal(panicOf(bench), 1);
  assert.deepEqual([...counts.keys()].sort(), [80, 81, 82, 83]);
  bench.clock.advance(60_000);
  await asked(bench, 40);
  assert.equal(
    bench.cluster.endpoints.every(({ status }) => status === "open"),
    true,
  );
  assert.equal(panicOf(bench), 0);
});

test("in panic an endpoint that refuses connections is not asked while others can be", async () => {
  const bench = clusterBench({}, { balancer: adding({ panicThreshold: 0.7 }), accrual: strict });
  bench.transport.listening.set("10.0.0.1:80", "refuses");
  bench.source.at(80, 81, 82);
  for (let n = 0; n < 20; n++) await ask(bench, (port) => (port === 81 ? 503 : 200));
  assert.equal(bench.cluster.endpoints.filter(({ status }) => status === "busy").length, 2);
  const counts = await asked(bench, 30, (port) => (port === 81 ? 503 : 200));
  assert.deepEqual([...counts.keys()].sort(), [81, 82]);
});

test("an endpoint that joins gets a tenth of its share, and those of the first set had theirs at once", async () => {
  const bench = clusterBench({}, { balancer: adding({ slowStartMs: 10_000 }) });
  bench.source.at(80, 81);
  const first = await asked(bench, 200);
  for (const count of first.values()) assert.ok(count > 70, `${count} of 200`);
  bench.clock.advance(5_000);
  bench.source.at(80, 81, 82);
  const young = (await asked(bench, 600)).get(82) ?? 0;
  assert.ok(young > 3 && young < 45, `${young} of 600, where 20 are a tenth of its share`);
  bench.clock.advance(10_000);
  const grown = (await asked(bench, 600)).get(82) ?? 0;
  assert.ok(grown > 150 && grown < 250, `${grown} of 600`);
});

test("an aperture hears of exchanges of endpoints that it has never called, and widens", async () => {
  const bench = clusterBench({}, { balancer: await balancerOf(aperture, { smoothWindowMs: 100 }) });
  bench.source.at(80, 81, 82, 83, 84, 85);
  const used = (): number => new Set(running.map((x) => x.values[bench.slots.endpoint])).size;
  const running: ReturnType<Bench["send"]>[] = [];
  for (let n = 0; n < 12; n++) {
    running.push(bench.send());
    await turn();
    bench.clock.advance(1_000);
  }
  assert.ok(used() >= 4, `${used()} endpoints for 12 exchanges`);
  assert.equal(bench.cluster.outstanding, 12);
  for (const x of running.splice(0)) {
    bench.transport.of(x).reply(x);
    bench.clock.advance(1_000);
  }
  for (let n = 0; n < 4; n++) {
    await ask(bench);
    bench.clock.advance(1_000);
  }
  assert.equal((await asked(bench, 10)).size, 1);
});

test("an aperture closes the connections of an endpoint that it no longer uses", async () => {
  const bench = clusterBench({}, { balancer: await balancerOf(aperture, { smoothWindowMs: 100 }) });
  bench.source.at(80, 81, 82);
  const running: ReturnType<Bench["send"]>[] = [];
  for (let n = 0; n < 6; n++) {
    running.push(bench.send());
    await turn();
    bench.clock.advance(1_000);
  }
  for (const x of running) {
    bench.transport.of(x).reply(x);
    bench.clock.advance(200);
  }
  const connected = (): number => bench.cluster.endpoints.filter(({ connections }) => connections > 0).length;
  assert.equal(connected(), 3);
  for (let n = 0; n < 12; n++) {
    await ask(bench);
    bench.clock.advance(200);
  }
  assert.equal(connected(), 1);
});

test("a heap knows what endpoints have to do that survive an update", async () => {
  const bench = clusterBench({}, { balancer: await balancerOf(heap) });
  bench.source.at(80, 81);
  const [one, two] = [bench.send(), bench.send()];
  await turn();
  bench.source.at(80, 81, 82);
  const three = bench.send();
  await turn();
  const ports = [one, two, three].map((x) => (x.values[bench.slots.endpoint] as { key: string }).key);
  assert.deepEqual(ports.sort(), ["10.0.0.1:80", "10.0.0.1:81", "10.0.0.1:82"]);
});
