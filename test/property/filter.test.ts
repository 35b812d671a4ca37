import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { failures, type FailureCode } from "../../src/base/failure.ts";
import { failed, ok } from "../../src/base/var.ts";
import { ClusterSlots } from "../../src/cluster/slots.ts";
import type { Decision } from "../../src/base/request-record.ts";
import { type Exchange, Layout, type Responder, type Service } from "../../src/http/exchange.ts";
import { fail, Filter, link } from "../../src/http/filter.ts";
import { neg } from "../../src/naming/name-tree.ts";
import { Path } from "../../src/naming/path.ts";
import { defaultRetries } from "../../src/router/params.ts";
import { RouterSlots } from "../../src/router/slots.ts";
import { exchangeOf, FakeCluster, RouterBench, to, union } from "../fakes/router-bench.ts";

/** Counts what passes, and may end an exchange itself. */
class Stage extends Filter {
  dispatched = 0;
  responded = 0;
  finished = 0;
  readonly #fails: (x: Exchange) => boolean;
  constructor(fails: (x: Exchange) => boolean) {
    super();
    this.#fails = fails;
  }
  override dispatch(x: Exchange): void {
    this.dispatched++;
    if (this.#fails(x)) return fail(this, x, failures.internal);
    this.next.dispatch(x);
  }
  override respond(x: Exchange): void {
    this.responded++;
    this.prev.respond(x);
  }
  override finish(x: Exchange): void {
    this.finished++;
    this.prev.finish(x);
  }
}

/** Sends an exchange down again a number of times, once its attempt has ended. */
class Again extends Filter {
  readonly #left = new Map<Exchange, number>();
  readonly #ending = new Set<Exchange>();
  readonly #times: number;
  constructor(times: number) {
    super();
    this.#times = times;
  }
  override dispatch(x: Exchange): void {
    this.#left.set(x, this.#times);
    this.next.dispatch(x);
  }
  override respond(x: Exchange): void {
    const left = this.#left.get(x) ?? 0;
    if (left === 0) return this.prev.respond(x);
    this.#left.set(x, left - 1);
    this.#ending.add(x);
    x.abandon();
  }
  override finish(x: Exchange): void {
    if (!this.#ending.delete(x)) return this.prev.finish(x);
    x.resetAttempt();
    this.next.dispatch(x);
  }
}

test("every dispatch meets one finish at every stage, and the downstream hears one answer, whoever fails or retries", () => {
  const stage = fc.oneof(
    fc.record({ kind: fc.constant("stage" as const), failEvery: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ kind: fc.constant("again" as const), times: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ kind: fc.constant("plain" as const) }),
  );
  fc.assert(
    fc.property(fc.array(stage, { maxLength: 7 }), fc.integer({ min: 1, max: 8 }), (kinds, requests) => {
      const stages: Stage[] = [];
      const filters = kinds.map((each) => {
        if (each.kind === "again") return new Again(each.times);
        if (each.kind === "plain") return new (class extends Filter {})();
        let count = 0;
        const made = new Stage(() => each.failEvery > 0 && ++count % each.failEvery === 0);
        stages.push(made);
        return made;
      });
      const heard = new Map<Exchange, string>();
      const hear = (x: Exchange, what: string): void => void heard.set(x, (heard.get(x) ?? "") + what);
      const top: Responder = { respond: (x) => hear(x, "r"), finish: (x) => hear(x, "f") };
      const cluster = new FakeCluster("/c");
      cluster.answer = 200;
      const end: Service = {
        dispatch(x) {
          x.routeTier = tier.last;
          cluster.dispatch(x);
        },
      };
      const tier = link(filters, top, end);
      const layout = new Layout();
      for (let n = 0; n < requests; n++) {
        const x = exchangeOf(layout, []);
        tier.first.dispatch(x);
        assert.equal(heard.get(x), "rf");
      }
      for (const each of stages) assert.equal(each.finished, each.dispatched);
      assert.equal(cluster.held.length, 0);
    }),
  );
});

const A = "/#/fs/a";
const B = "/#/fs/b";
const codes: FailureCode[] = [
  "connect.failed",
  "upstream.reset",
  "attempt.timeout",
  "cluster.empty",
  "upstream.malformed",
];
const at = fc.nat({ max: 6 });

const step = fc.oneof(
  fc.record({
    do: fc.constant("send" as const),
    method: fc.constantFrom("GET", "POST"),
    host: fc.constantFrom("a", "b"),
  }),
  fc.record({ do: fc.constant("answer" as const), at, status: fc.constantFrom(200, 404, 500, 503) }),
  fc.record({ do: fc.constant("fail" as const), at, code: fc.constantFrom(...codes) }),
  fc.record({ do: fc.constant("leave" as const), at }),
  fc.record({ do: fc.constant("bind" as const), host: fc.constantFrom("a", "b"), tree: fc.nat({ max: 4 }) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 10, 30, 100, 450, 1000, 20_000, 700_000) }),
);

/** Ends of attempts of which no byte was sent. */
const unsent = new Set<FailureCode>(["connect.failed", "cluster.empty"]);

const layout = new Layout();
const slots = new RouterSlots(layout, new ClusterSlots(layout));

/** How many more attempts the budgets have paid for, of the request that an exchange was last used for. */
function paidFor(x: Exchange): { readonly retries: number; readonly hedges: number } {
  const decisions = (x.values[slots.decisions] as readonly Decision[] | undefined) ?? [];
  const hedges = decisions.filter(({ kind }) => kind === "beside").length;
  return { retries: x.numbers[slots.retries] as number, hedges };
}

const hedge = { after: { ms: 20 }, budget: 0.5 };
const rateLimit = { rps: 100, burst: 5, by: undefined };
const faults = [
  { match: { method: "POST" }, fraction: 0.3, delayMs: 0, abort: 503 },
  { match: {}, fraction: 0.3, delayMs: 15, abort: undefined },
];
const shadow = { to: Path.read("/svc/b"), fraction: 0.5 };

const trees = [
  ok(to(A)),
  ok(to(B)),
  ok(neg),
  ok(
    union([
      { weight: 1, tree: to(A) },
      { weight: 1, tree: to(B) },
    ]),
  ),
  failed(new Error("unreachable")),
];

/** Every stage that a server may have beside those that all have. */
const limited = {
  maxConcurrentRequests: 3,
  timeoutMs: 300,
  forwarded: { by: { kind: "ip" }, for: { kind: "requestRandom" } },
  compressionLevel: 9,
} as const;

function holding(bench: RouterBench, index: number): FakeCluster | undefined {
  const busy = [...bench.clusters.values()].filter((cluster) => cluster.held.length > 0);
  return busy[index % Math.max(1, busy.length)];
}

test("through server, route and binding each exchange hears one answer and one end, and nothing is left behind", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 80 }),
      fc.integer(),
      fc.nat({ max: 50 }),
      fc.constantFrom({}, limited),
      fc.constantFrom({}, { hedge }, { hedge, rateLimit }, { faults }, { faults, shadow, hedge }),
      async (steps, seed, backoffMs, server, more) => {
        const retries = { ...defaultRetries, backoff: { kind: "constant", ms: backoffMs } } as const;
        const router = { maxRoutes: 1, maxPending: 3 };
        const bench = new RouterBench({ seed, router, server, service: { retries, totalTimeoutMs: 500, ...more } });
        bench.name("/svc/a").tell(trees[0] as (typeof trees)[number]);
        const sent: Exchange[] = [];
        let requests = 0;
        let attempts = 0;
        let retried = 0;
        let hedged = 0;
        const count = (x: Exchange): void => {
          const { retries: more, hedges } = paidFor(x);
          retried += more;
          hedged += hedges;
        };
        const left = new Set<Exchange>();
        for (const each of steps) {
          const idle = each.do === "send" ? sent.find((x) => bench.heard(x) !== "") : undefined;
          if (each.do === "send") requests++;
          if (each.do === "answer" && holding(bench, each.at)) attempts++;
          if (each.do === "fail" && holding(bench, each.at) && !unsent.has(each.code)) attempts++;
          if (idle && each.do === "send") {
            left.delete(idle);
            count(idle);
            bench.resend(idle, each.host, each.method);
          } else if (each.do === "send") sent.push(bench.send(each.host, [], each.method));
          else if (each.do === "answer") holding(bench, each.at)?.end(each.status);
          else if (each.do === "fail") holding(bench, each.at)?.end(failures[each.code]);
          else if (each.do === "bind") bench.name(`/svc/${each.host}`).tell(trees[each.tree] as (typeof trees)[number]);
          else if (each.do === "wait") bench.clock.advance(each.ms);
          else {
            const x = sent[each.at % Math.max(1, sent.length)];
            if (x?.holder) left.add(x);
            x?.cancel(failures["downstream.gone"]);
          }
          for (const x of sent) assert.match(bench.heard(x), /^$|^\S+ end$/);
        }
        bench.clock.advance(30_000);
        for (const x of sent) {
          assert.match(bench.heard(x), /^\S+ end$/);
          if (left.has(x)) assert.equal(bench.heard(x), "downstream.gone end");
        }
        for (const cluster of bench.clusters.values()) assert.equal(cluster.held.length, 0);
        for (const route of bench.router.view().routes) assert.equal(route.pending, 0);
        for (const x of sent) count(x);
        const copies = "shadow" in more ? requests : 0;
        const paid = requests + retried + hedged + copies;
        assert.ok(attempts <= paid, `${attempts} for ${requests} + ${retried} + ${hedged} + ${copies}`);
        assert.ok(hedged <= hedge.budget * (requests + retried), `${hedged} hedges`);
        await bench.router[Symbol.asyncDispose]();
        for (const cluster of bench.clusters.values()) assert.equal(cluster.leases, 0);
        for (const name of bench.names.values()) assert.equal(name.observers, 0);
        assert.equal(bench.clock.waiting, 0);
        assert.deepEqual(bench.bugs, []);
      },
    ),
    { numRuns: 400 },
  );
});
