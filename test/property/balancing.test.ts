// Laws of the choice of an endpoint: over any sequence of updates, ejections and answers, of every kind of balancer with
// everything that a cluster adds to it.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Balancer } from "../../src/cluster/balancer.ts";
import { balanced } from "../../src/cluster/balancing/balanced.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Plugin } from "../../src/config/plugin.ts";
import { Layout } from "../../src/http/exchange.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import aperture from "../../src/plugins/balancers/aperture.ts";
import ewma from "../../src/plugins/balancers/ewma.ts";
import heap from "../../src/plugins/balancers/heap.ts";
import p2c from "../../src/plugins/balancers/p2c.ts";
import roundRobin from "../../src/plugins/balancers/round-robin.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { balancerOf, candidate, type FakeCandidate } from "../fakes/candidates.ts";
import { plainExchange } from "../fakes/plain-exchange.ts";

const kinds: readonly (readonly [string, Plugin<"balancer">, object])[] = [
  ["p2c", p2c as Plugin<"balancer">, {}],
  ["ewma", ewma as Plugin<"balancer">, { failurePenaltyMs: 1_000 }],
  ["aperture", aperture as Plugin<"balancer">, {}],
  ["a subset", aperture as Plugin<"balancer">, { minAperture: 2, subset: { instance: 1, of: 3 } }],
  ["heap", heap as Plugin<"balancer">, {}],
  ["roundRobin", roundRobin as Plugin<"balancer">, {}],
];

const ADDED = {
  slowStartMs: 5_000,
  panicThreshold: 0.4,
  locality: { minOpen: 2, share: 0.7 },
  stickyBy: "x-user",
};

function whole(inner: Balancer, added: Partial<typeof ADDED>): Balancer {
  const none = { slowStartMs: 0, panicThreshold: 0, locality: undefined, stickyBy: undefined };
  const log = silentLog;
  return balanced(inner, { cluster: "c", log, zone: { name: "a" }, random: seededRandom(5), ...none, ...added });
}

/** What happens to a set of endpoints; numbers choose among those that there are. */
const event = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant("joins" as const),
      zone: fc.constantFrom("a", "b"),
      weight: fc.constantFrom(0.5, 1, 1, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("leaves" as const), who: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant("ejected" as const), who: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant("readmitted" as const), who: fc.nat() }) },
  {
    weight: 8,
    arbitrary: fc.record({ is: fc.constant("asked" as const), user: fc.option(fc.constantFrom("u1", "u2", "u3")) }),
  },
  { weight: 6, arbitrary: fc.record({ is: fc.constant("answered" as const), who: fc.nat(), success: fc.boolean() }) },
);

interface Running {
  readonly endpoint: FakeCandidate;
  readonly since: number;
}

class Scene {
  readonly #balancer: Balancer;
  readonly #panicThreshold: number;
  #all: FakeCandidate[] = [];
  readonly #running: Running[] = [];
  readonly #called = new Set<FakeCandidate>();
  #joined = 0;
  #now = 0;

  constructor(balancer: Balancer, panicThreshold: number) {
    this.#balancer = balancer;
    this.#panicThreshold = panicThreshold;
  }

  happens(what: typeof event extends fc.Arbitrary<infer T> ? T : never): void {
    this.#now += 137;
    switch (what.is) {
      case "joins":
        return this.#join(what.zone, what.weight);
      case "leaves":
        return this.#update(this.#all.filter((each) => each !== this.#nth(what.who)));
      case "ejected":
      case "readmitted":
        return this.#become(this.#nth(what.who), what.is === "ejected" ? "busy" : "open");
      case "asked":
        return this.#ask(what.user);
      case "answered":
        return this.#answer(what.who, what.success);
    }
  }

  #nth(number: number): FakeCandidate | undefined {
    return this.#all[number % Math.max(1, this.#all.length)];
  }

  #join(zone: string, weight: number): void {
    const address = { host: "10.0.0.1", port: ++this.#joined, weight, meta: { zone } };
    this.#update([...this.#all, candidate(this.#balancer, address, this.#now)]);
  }

  #update(all: FakeCandidate[]): void {
    this.#all = all;
    this.#balancer.update(all);
  }

  #become(endpoint: FakeCandidate | undefined, status: "open" | "busy"): void {
    if (endpoint === undefined || endpoint.status === status) return;
    endpoint.status = status;
    this.#balancer.statusChanged?.();
  }

  #ask(user: string | null): void {
    const x = plainExchange(new Layout());
    if (user !== null) x.request.headers = HeaderList.of([["x-user", user]]);
    const picked = this.#balancer.pick(x, this.#now) as FakeCandidate | undefined;
    if (this.#all.length === 0) return assert.equal(picked, undefined);
    assert.ok(picked !== undefined && this.#all.includes(picked), "one of the set is picked");
    const open = this.#all.filter(({ status }) => status === "open").length;
    const isPanic = open < this.#panicThreshold * this.#all.length;
    if (open > 0 && !isPanic) assert.equal(picked.status, "open");
    if (!this.#called.has(picked)) picked.load = this.#balancer.newLoad(this.#now, picked);
    this.#called.add(picked);
    picked.load.started(this.#now);
    this.#running.push({ endpoint: picked, since: this.#now });
  }

  #answer(who: number, success: boolean): void {
    const [over] = this.#running.splice(who % Math.max(1, this.#running.length), 1);
    over?.endpoint.load.ended(this.#now, over.since, success);
  }
}

for (const [kind, plugin, config] of kinds) {
  for (const [with_, added] of [
    ["nothing", {}],
    ["all that a cluster adds", ADDED],
    ["panic alone", { panicThreshold: 0.5 }],
    ["slow start alone", { slowStartMs: 5_000 }],
  ] as const) {
    test(`${kind} with ${with_}: an open endpoint is picked when there is one`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(event, { maxLength: 80, size: "max" }), async (events) => {
          const scene = new Scene(
            whole(await balancerOf(plugin, config), added),
            "panicThreshold" in added ? added.panicThreshold : 0,
          );
          for (const each of events) scene.happens(each);
        }),
        { numRuns: 60 },
      );
    });
  }
}

for (const [kind, plugin, config] of kinds) {
  if (kind === "aperture" || kind === "a subset") continue;
  test(`${kind}: nobody starves who is open, whatever the others do`, async () => {
    const balancer = whole(await balancerOf(plugin, config), ADDED);
    const all = Array.from({ length: 8 }, (_, at) =>
      candidate(balancer, { host: "10.0.0.1", port: at, weight: at % 2 === 0 ? 1 : 0.5, meta: { zone: "b" } }),
    );
    balancer.update(all);
    for (const each of all) each.load = balancer.newLoad(0, each);
    const random = seededRandom(11);
    const idleSince = new Map(all.map((each) => [each, 0]));
    const x = plainExchange(new Layout());
    let longest = 0;
    for (let n = 0; n < 20_000; n++) {
      const now = n * 10;
      if (n % 50 === 0) {
        const some = all[Math.floor(random.next() * 6)] as FakeCandidate;
        some.status = some.status === "open" ? "busy" : "open";
        idleSince.set(some, n);
        balancer.statusChanged?.();
      }
      const picked = balancer.pick(x, now) as FakeCandidate;
      picked.load.started(now);
      picked.load.ended(now + 5 + random.next() * 10, now, true);
      idleSince.set(picked, n);
      for (const [each, since] of idleSince) if (each.status === "open") longest = Math.max(longest, n - since);
    }
    assert.ok(longest < 800, `an open endpoint was not picked in ${longest} draws`);
  });
}
