import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { asRetryable, failures } from "../../src/base/failure.ts";
import type { BodySource } from "../../src/http/body.ts";
import { Cluster } from "../../src/cluster/cluster.ts";
import { clusterTable } from "../../src/cluster/cluster-series.ts";
import { AttemptStats } from "../../src/cluster/filters/attempt-stats.ts";
import { AttemptTimeout } from "../../src/cluster/filters/attempt-timeout.ts";
import { Requeue } from "../../src/cluster/filters/requeue.ts";
import { ClusterSlots } from "../../src/cluster/slots.ts";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import { Scope } from "../../src/base/scope.ts";
import { failed } from "../../src/base/var.ts";
import { type Exchange, Layout } from "../../src/http/exchange.ts";
import { Filter, link } from "../../src/http/filter.ts";
import { FakeClock, seededRandom, turn } from "../../src/testing/index.ts";
import { Addresses, p2c, poolOptions, quiet } from "../fakes/cluster-bench.ts";
import { FakeTransport, type Listening } from "../fakes/fake-transport.ts";
import { Hearer, plainExchange } from "../fakes/plain-exchange.ts";

/** A stage that holds the law: one finish for each dispatch, one answer at most, and none after the end. */
class Witness extends Filter {
  readonly #name: string;
  readonly under = new Map<Exchange, "asked" | "answered">();
  constructor(name: string) {
    super();
    this.#name = name;
  }
  override dispatch(x: Exchange): void {
    assert.equal(this.under.get(x), undefined, `${this.#name}: dispatched before the last attempt was over`);
    this.under.set(x, "asked");
    this.next.dispatch(x);
  }
  override respond(x: Exchange): void {
    assert.equal(this.under.get(x), "asked", `${this.#name}: an answer that nobody waits for`);
    this.under.set(x, "answered");
    this.prev.respond(x);
  }
  override finish(x: Exchange): void {
    assert.ok(this.under.delete(x), `${this.#name}: a second finish`);
    this.prev.finish(x);
  }
}

function chain(streams: number, connectFailuresToBusy: number) {
  const layout = new Layout();
  const slots = new ClusterSlots(layout);
  const clock = new FakeClock();
  const random = seededRandom(9);
  const source = new Addresses();
  const hearer = new Hearer();
  const transport = new FakeTransport(streams > 1 ? "h2" : "http/1.1", streams);
  const witnesses = ["top", "below requeue", "below stats", "last"].map((name) => new Witness(name));
  const timeout = new AttemptTimeout(700, clock, slots);
  const cluster = new Cluster(
    { id: "/#/fs/users", balancer: p2c(4) },
    {
      transport,
      accrual: {
        create: () => {
          let failedInRow = 0;
          return {
            success: () => void (failedInRow = 0),
            failure: () => (++failedInRow > 2 ? 500 : undefined),
            revived: () => void (failedInRow = 0),
          };
        },
      },
      clock,
      random,
      log: quiet,
      slots,
      departure: timeout,
      maxPending: 3,
      bindingTimeoutMs: 3_000,
      drainMs: 2_000,
      connectFailuresToBusy,
      pool: { ...poolOptions, maxSize: 2, maxWaiters: 4, waitMs: 1_500, idleTimeMs: 4_000, connectTimeoutMs: 400 },
    },
  );
  const budget = { balance: 10, deposit: () => undefined, withdraw: () => random.next() < 0.7 };
  const scope = new Scope();
  const row = new MetricsRegistry().table(clusterTable, { router: "r" }, scope).open("c");
  const [top, second, third, last] = witnesses as [Witness, Witness, Witness, Witness];
  const requeue = new Requeue({ clock, slots, bindingTimeoutMs: 3_000 }, cluster, row, budget);
  const stats = new AttemptStats({ clock, slots }, row);
  const seam = {
    respond: (x: Exchange) => x.routeTier?.respond(x),
    finish: (x: Exchange) => x.routeTier?.finish(x),
  };
  const tier = link([top, requeue, second, stats, third, timeout, last], seam, cluster);
  cluster.prev = tier.last;
  cluster.start(source.var);
  return { layout, clock, source, hearer, transport, witnesses, cluster, tier, timeout, scope, stats };
}

type Step =
  | { readonly do: "send" }
  | {
      readonly do: "answer" | "end" | "reply" | "refuse" | "reset" | "cancel" | "abandon" | "retry" | "again";
      readonly at: number;
      readonly status: number;
    }
  | { readonly do: "cut"; readonly at: number }
  | { readonly do: "addresses"; readonly ports: readonly number[] }
  | { readonly do: "registry fails" }
  | { readonly do: "listening"; readonly port: number; readonly how: Listening }
  | { readonly do: "accept" }
  | { readonly do: "wait"; readonly ms: number };

const port = fc.integer({ min: 80, max: 84 });
const at = fc.nat(20);
const status = fc.constantFrom(200, 200, 404, 500);
const on = fc.constantFrom("answer", "end", "reply", "refuse", "reset", "cancel", "abandon", "retry", "again");
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Step>({ do: "send" }) },
  { weight: 9, arbitrary: fc.record({ do: on, at, status }) as fc.Arbitrary<Step> },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cut"), at }) as fc.Arbitrary<Step> },
  { weight: 2, arbitrary: fc.uniqueArray(port).map((ports): Step => ({ do: "addresses", ports })) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "registry fails" }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("listening"),
      port,
      how: fc.constantFrom("accepts", "refuses", "hangs"),
    }) as fc.Arbitrary<Step>,
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "accept" }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 1500 }).map((ms): Step => ({ do: "wait", ms })) },
);

const stream: BodySource = { length: -1, started: false, pipe: () => undefined, drained: () => undefined };

function play(bench: ReturnType<typeof chain>, sent: Exchange[], next: Step): Promise<void> | void {
  const { transport, hearer, source, tier, clock } = bench;
  const nth = <T>(all: readonly T[], n: number): T | undefined => all[n % Math.max(1, all.length)];
  switch (next.do) {
    case "send": {
      const x = plainExchange(bench.layout);
      x.routeTier = hearer;
      sent.push(x);
      return tier.first.dispatch(x);
    }
    case "addresses":
      return source.at(...next.ports);
    case "registry fails":
      return source.tell(failed(new Error("no quorum")));
    case "listening":
      return void transport.listening.set(`10.0.0.1:${next.port}`, next.how);
    case "accept":
      for (const dial of transport.hanging) dial.accept();
      return turn();
    case "wait":
      return clock.advanceAsync(next.ms);
    case "cut":
      return nth([...transport.connections], next.at)?.cut();
    default:
      return upon(bench, nth(sent, next.at), next.do, next.status);
  }
}

/** Something happens to one exchange: from below where it is on a connection, or from above. */
function upon(bench: ReturnType<typeof chain>, x: Exchange | undefined, what: string, status: number): void {
  if (x === undefined) return;
  const { hearer, transport, tier } = bench;
  const isOver = hearer.of(x).at(-1) === "end";
  const connection = [...transport.connections].find((each) => each.attempts.has(x));
  if (what === "answer") connection?.answer(x, status, stream);
  else if (what === "end") connection?.end(x);
  else if (what === "reply") connection?.reply(x, status);
  else if (what === "refuse") connection?.fail(x, failures["upstream.refused"]);
  else if (what === "reset") connection?.fail(x, asRetryable(failures["upstream.reset"]));
  else if (what === "cancel") x.cancel(failures["downstream.gone"]);
  else if (what === "abandon") x.abandon();
  else if (what === "retry" && !isOver) {
    // A stage above ends the attempt and makes another one.
    x.abandon();
    hearer.heard.delete(x);
    x.resetAttempt();
    tier.first.dispatch(x);
  } else if (what === "again" && isOver) {
    // The next request of the same downstream connection.
    hearer.heard.delete(x);
    x.reset(bench.layout);
    x.routeTier = hearer;
    tier.first.dispatch(x);
  }
}

const wellFormed = /^((\d{3}|[a-z._]+) )?end$/;

test(
  "whatever happens, every dispatch meets one finish at every stage, and the caller hears one answer and one end",
  { timeout: 60_000 },
  async () => {
    const runs = fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.constantFrom(1, 1, 3),
      fc.constantFrom(1, 2, Infinity),
      async (steps, streams, failuresToBusy) => {
        const bench = chain(streams, failuresToBusy);
        const sent: Exchange[] = [];
        for (const next of steps) await play(bench, sent, next);
        const closing = bench.cluster.close(100);
        await bench.clock.advanceAsync(100);
        await closing;
        bench.timeout[Symbol.dispose]();
        await bench.scope.close();
        for (const x of sent) assert.match(bench.hearer.of(x).join(" "), wellFormed);
        for (const witness of bench.witnesses) assert.equal(witness.under.size, 0);
        assert.equal(bench.stats.pending, 0);
        assert.equal(bench.transport.connections.size, 0, "connections are left");
        assert.equal(bench.clock.waiting, 0, "timers are left");
      },
    );
    await fc.assert(runs, { numRuns: 400 });
  },
);

test(
  "over any sequence of updates survivors are the same objects, and nothing in flight is lost",
  { timeout: 60_000 },
  async () => {
    const updates = fc.array(fc.uniqueArray(port), { minLength: 1, maxLength: 12 });
    const runs = fc.asyncProperty(updates, async (sets) => {
      const { source, cluster, transport, hearer, layout, tier } = chain(1, 1);
      const sent: Exchange[] = [];
      let before = new Map<string, unknown>();
      for (const ports of sets) {
        source.at(...ports);
        const after = new Map(cluster.endpoints.map((endpoint) => [endpoint.key, endpoint]));
        for (const [key, endpoint] of after) if (before.has(key)) assert.equal(before.get(key), endpoint);
        assert.equal(after.size, ports.length);
        before = after;
        const x = plainExchange(layout);
        x.routeTier = hearer;
        if (ports.length > 0) sent.push(x);
        tier.first.dispatch(x);
        await turn();
      }
      for (const x of sent) transport.of(x).reply(x);
      for (const x of sent) assert.deepEqual(hearer.of(x), ["200", "end"]);
      await cluster.close();
    });
    await fc.assert(runs, { numRuns: 100 });
  },
);
