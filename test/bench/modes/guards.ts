/** What a request pays for what may be done about slow and failing endpoints, as long as nothing is wrong. */
import { AddressSet } from "../../../src/base/address.ts";
import { silentLog } from "../../../src/base/log.ts";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";
import { systemClock, systemRandom } from "../../../src/base/time.ts";
import { Var } from "../../../src/base/var.ts";
import { clusterTable } from "../../../src/cluster/cluster-series.ts";
import { GradientLimit } from "../../../src/cluster/gradient-limit.ts";
import { ClusterSlots } from "../../../src/cluster/slots.ts";
import { type ClusterTier, openClusterTier } from "../../../src/cluster/stack.ts";
import { noBody } from "../../../src/http/body.ts";
import { type Exchange, Layout, type Responder } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { Connection, ConnectionOwner, Transport } from "../../../src/http/transport.ts";
import { leaf } from "../../../src/naming/name-tree.ts";
import type { Interpreter } from "../../../src/naming/interpreter.ts";
import { Path } from "../../../src/naming/path.ts";
import { StatusClassifier } from "../../../src/plugins/classifiers/by-status.ts";
import { HeaderTokenIdentifier } from "../../../src/plugins/identifiers/header-token.ts";
import { AttemptDeadline } from "../../../src/router/filters/attempt-deadline.ts";
import { Budget } from "../../../src/router/budget.ts";
import { defaultRetries, defaultRouter, defaultServer } from "../../../src/router/params.ts";
import type { RouterParams } from "../../../src/router/params.ts";
import { RecentRequests } from "../../../src/router/recent-requests.ts";
import { Router } from "../../../src/router/router.ts";
import { RouterSlots } from "../../../src/router/slots.ts";
import { openServerTier } from "../../../src/router/stacks.ts";
import { never, p2c, poolOptions } from "../../fakes/cluster-bench.ts";
import { exchangeOf } from "../../fakes/router-bench.ts";
import type { Peer } from "../peers/peer.ts";
import type { Site } from "../site.ts";
import type { Table } from "../table.ts";

const REQUESTS = 300_000;
const WARM_UP = 100_000;
const ROUNDS = 5;

/** Everything that may be on, each beside what stands before it. */
const steps = ["nothing", "records", "time limits", "retries and hedges", "limits"] as const;
const nobody: Responder = { respond: () => undefined, finish: () => undefined };

/** Answers in the moment in which it is asked. */
class Instant implements Connection {
  readonly status = "open";
  readonly free = 1;
  send(x: Exchange, back: Responder): void {
    x.sent = true;
    x.response.status = 200;
    x.responseBody = noBody;
    back.respond(x);
    back.finish(x);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    // There is nothing to close.
  }
}

const instantly: Transport = {
  protocol: "h2",
  connect: (_address, _owner: ConnectionOwner) => Promise.resolve(new Instant()),
};

/** A whole way for requests, with so many of the steps. */
function wayWith(count: number, scope: Scope) {
  const layout = new Layout();
  const clusterSlots = new ClusterSlots(layout);
  const slots = new RouterSlots(layout, clusterSlots);
  const [clock, random, metrics] = [systemClock, systemRandom, new MetricsRegistry()];
  const has = (step: (typeof steps)[number]): boolean => steps.indexOf(step) <= count;
  const addresses = Var.of(AddressSet.of([{ host: "10.0.0.1", port: 80, weight: 1 }]));
  const budget = { minRetriesPerSec: 10, percentCanRetry: 0.2, ttlMs: 10_000 };
  const cluster: ClusterTier = openClusterTier(
    {
      id: "/#/fs/web",
      addresses,
      balancer: p2c(),
      series: metrics.table(clusterTable, { router: "http" }, scope),
      requeueBudget: new Budget(budget, clock),
      isHttp: true,
      filters: has("time limits") ? [new AttemptDeadline(clusterSlots, clock, 1_000)] : [],
    },
    {
      transport: instantly,
      accrual: never,
      clock,
      random,
      log: silentLog,
      slots: clusterSlots,
      maxPending: 1000,
      bindingTimeoutMs: 10_000,
      drainMs: 1,
      connectFailuresToBusy: 1,
      pool: poolOptions,
      ...(has("time limits") ? { requestAttemptTimeoutMs: 1_000 } : {}),
      ...(has("limits") ? { newLimit: () => new GradientLimit(Infinity) } : {}),
    },
  );
  scope.defer(() => cluster.close(0).then(() => undefined));
  const params: RouterParams = {
    ...defaultRouter,
    label: "http",
    identifiers: [new HeaderTokenIdentifier("Host", Path.read("/svc"))],
    service: () => ({
      totalTimeoutMs: has("time limits") ? 2_000 : undefined,
      retries: defaultRetries,
      classifier: new StatusClassifier(["GET"]),
      hedge: has("retries and hedges") ? { after: { share: 0.95 }, budget: 0.05 } : undefined,
      rateLimit: has("limits") ? { rps: 1e9, burst: 1e9, by: undefined } : undefined,
    }),
  };
  const bound = { kind: "bound", id: Path.read("/#/fs/web"), addresses, residual: Path.read("/") } as const;
  const interpreter = { bind: () => Var.of(leaf(bound)) } as unknown as Interpreter;
  const clusters = () => ({ tier: cluster, [Symbol.dispose]: () => undefined });
  const bug = (error: unknown): void => {
    throw error;
  };
  const router = scope.own(new Router({ params, interpreter, clusters, layout, slots, clock, random, metrics, bug }));
  const server = { label: "127.0.0.1/4140", ...defaultServer };
  const recent = has("records") ? { recent: new RecentRequests(clock, slots) } : {};
  const tier = scope.own(
    openServerTier({ server, router: params, next: router, slots, clock, random, metrics, ...recent }),
  );
  return { layout, tier };
}

type Way = ReturnType<typeof wayWith>;

function send({ layout, tier }: Way, requests: number): number {
  const x = exchangeOf(layout, [["Host", "web"]]);
  x.downstream = nobody;
  const begun = process.cpuUsage();
  for (let n = 0; n < requests; n++) {
    x.reset(layout);
    x.startedAt = systemClock.now();
    x.request.headers = HeaderList.of([["Host", "web"]]);
    tier.service.dispatch(x);
  }
  const { user, system } = process.cpuUsage(begun);
  return ((user + system) * 1_000) / requests;
}

async function run(_peers: readonly Peer[], _site: Site, tell: (line: string) => void): Promise<readonly Table[]> {
  // Timers of the clock keep no process alive.
  const alive = setInterval(() => undefined, 1_000);
  const scope = new Scope();
  const ways = steps.map((_, at) => wayWith(at, scope));
  for (const way of ways) {
    send(way, 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    send(way, WARM_UP);
  }
  const best = ways.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, way] of ways.entries()) best[at] = Math.min(best[at] as number, send(way, REQUESTS));
  }
  await scope.close();
  clearInterval(alive);
  const [none = 0] = best;
  const rows = steps.map((step, at) => {
    const ns = best[at] as number;
    return [at === 0 ? step : `and ${step}`, `${ns.toFixed(0)} ns`, `${(ns - none).toFixed(0)} ns`];
  });
  for (const row of rows) tell(row.join(", "));
  return [{ title: "From the server tier to the connection, and back", heads: ["with", "a request", "more"], rows }];
}

export const guards = {
  about: "CPU time of retries, hedges, time limits, limits and records for a request that goes well",
  run,
};
