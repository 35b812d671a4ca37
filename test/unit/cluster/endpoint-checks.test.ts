import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealthReport } from "../../../src/base/health.ts";
import type { WatchHealth } from "../../../src/cluster/endpoint-checks.ts";
import type { Checker } from "../../../src/cluster/health/check.ts";
import { HealthChecks } from "../../../src/cluster/health/health-checks.ts";
import { FakeClock, seededRandom, turn } from "../../../src/testing/index.ts";
import { clusterBench } from "../../fakes/cluster-bench.ts";

/** A prober that says what a test says. */
function prober() {
  let hear: (report: HealthReport) => void = () => undefined;
  const followed: number[][] = [];
  let isOpen = true;
  const watchHealth: WatchHealth = (heard) => {
    hear = heard;
    return {
      follow: (addresses) => void followed.push(addresses.map(({ port }) => port)),
      [Symbol.dispose]: () => void (isOpen = false),
    };
  };
  const say = (...all: readonly (readonly [port: number, isHealthy: boolean])[]): void =>
    hear(
      new Map(
        all.map(([port, isHealthy]) => [
          `10.0.0.1:${port}`,
          { isHealthy, answer: isHealthy ? "200" : "503", since: 1 },
        ]),
      ),
    );
  return { watchHealth, say, followed, isOpen: () => isOpen };
}

const statuses = (cluster: ReturnType<typeof clusterBench>["cluster"]): string[] =>
  cluster.view().endpoints.map(({ status, reason = "" }) => `${status} ${reason}`.trim());

test("an endpoint that fails its checks is out before a request has met it, and says why", async () => {
  const { watchHealth, say, followed, isOpen } = prober();
  const { source, cluster, send, transport } = clusterBench({}, { watchHealth });
  source.at(80, 81);
  assert.deepEqual(followed, [[80, 81]]);
  say([80, true], [81, false]);
  assert.deepEqual(statuses(cluster), ["open", "busy fails its health checks: 503"]);
  assert.deepEqual(cluster.view().endpoints[1]?.health, { isHealthy: false, answer: "503", since: 1 });
  for (let n = 0; n < 20; n++) send();
  await turn();
  assert.ok(transport.dialled.every((key) => key === "10.0.0.1:80"));
  say([80, true], [81, true]);
  assert.deepEqual(statuses(cluster), ["open", "open"]);
  void cluster.close(0);
  assert.equal(isOpen(), false);
});

test("where all endpoints fail their checks requests are sent all the same", async () => {
  const { watchHealth, say } = prober();
  const { source, cluster, send, transport } = clusterBench({}, { watchHealth });
  source.at(80);
  say([80, false]);
  assert.equal(cluster.status, "busy");
  const x = send();
  await turn();
  assert.equal(transport.of(x).key, "10.0.0.1:80");
});

test("a prober that knows nothing any more makes nobody well, and none ill", () => {
  const { watchHealth, say } = prober();
  const { source, cluster } = clusterBench({}, { watchHealth });
  source.at(80, 81);
  say([80, true], [81, false]);
  say();
  assert.deepEqual(statuses(cluster), ["open", "busy fails its health checks: 503"]);
});

test("an endpoint keeps what checks said of it over an update, and one that comes back begins anew", () => {
  const { watchHealth, say } = prober();
  const { source, cluster } = clusterBench({}, { watchHealth });
  source.at(80, 81);
  say([80, true], [81, false]);
  source.at(81, 82);
  assert.deepEqual(statuses(cluster), ["busy fails its health checks: 503", "open"]);
  source.at(82);
  source.at(81, 82);
  assert.deepEqual(statuses(cluster), ["open", "open"]);
});

test("a cluster that comes to what is checked already hears of it at once", async () => {
  const clock = new FakeClock();
  const failing: Checker = { check: async () => ({ outcome: "failed", answer: "503" }) };
  using checks = new HealthChecks({
    clock,
    random: seededRandom(1),
    planOf: ({ id }) => ({
      key: id,
      times: { intervalMs: 100, timeoutMs: 50, down: 1, up: 1 },
      open: () => failing,
    }),
    checked: () => undefined,
    failed: () => undefined,
  });
  const subject = { stack: "http", router: "http", id: "/#/fs/users" };
  const watchHealth: WatchHealth = (hear) => checks.watch(subject, hear);
  const first = clusterBench({}, { watchHealth });
  first.source.at(80, 81);
  await clock.advanceAsync(1_000);
  assert.deepEqual(statuses(first.cluster), Array(2).fill("busy fails its health checks: 503"));
  const second = clusterBench({}, { watchHealth });
  second.source.at(80, 81);
  assert.deepEqual(statuses(second.cluster), Array(2).fill("busy fails its health checks: 503"));
});
