/** Every metric of linkspan's own, for the reference. A test compares it with what a running daemon exposes. */
import { ANNOUNCE_METRICS } from "../src/announced-names.ts";
import { accessLogLostTotal } from "../src/access-log/access-log.ts";
import type { MetricSpec } from "../src/base/metrics.ts";
import { driftGauge } from "../src/bridge/drift-watch.ts";
import { MIRROR_METRICS } from "../src/bridge/mirror-series.ts";
import * as cluster from "../src/cluster/cluster-series.ts";
import { healthChecksTotal } from "../src/health-linker.ts";
import { DTAB_METRICS } from "../src/interpreter-root.ts";
import { NAMER_GAUGES } from "../src/naming/namer-gauges.ts";
import { WATCH_METRICS } from "../src/naming/watch-book.ts";
import { originatorGauge } from "../src/originator.ts";
import { SHIFT_METRICS } from "../src/bridge/shift-gauges.ts";
import { RELOAD_METRICS } from "../src/reload/reload-metrics.ts";
import * as server from "../src/router/filters/server-stats.ts";
import * as route from "../src/router/route-series.ts";
import { routeCacheTotal, routesKept, shadowsTotal } from "../src/router/router.ts";
import { tcpBytesTotal } from "../src/tcp-linker.ts";
import { THREAD_METRICS } from "../src/threads/thread-gauges.ts";
import { serverHandshakes, upstreamHandshakes } from "../src/tls-linker.ts";

export interface MetricGroup {
  readonly title: string;
  readonly specs: readonly MetricSpec[];
}

export const metricGroups: readonly MetricGroup[] = [
  {
    title: "Server: what callers see",
    specs: [
      server.serverRequestsTotal,
      server.serverRequestSeconds,
      server.serverPending,
      server.serverConnections,
      server.failuresTotal,
      accessLogLostTotal,
      tcpBytesTotal,
      serverHandshakes,
      originatorGauge,
    ],
  },
  {
    title: "Route: one logical name, retries included",
    specs: [
      route.requestsTotal,
      route.requestSeconds,
      route.requestsPending,
      route.retriesTotal,
      route.retriedTotal,
      route.retryBudgetExhaustedTotal,
      route.retriesRefusedTotal,
      route.budgetTokens,
      route.hedgesTotal,
      route.rateLimitedTotal,
      shadowsTotal,
      routesKept,
      routeCacheTotal,
    ],
  },
  {
    title: "Cluster: one bound service, each attempt for itself",
    specs: [
      cluster.attemptsTotal,
      cluster.attemptSeconds,
      cluster.attemptsPending,
      cluster.requeuesTotal,
      cluster.requeuedTotal,
      cluster.requeuesNotOpenTotal,
      cluster.requeuesRefusedTotal,
      cluster.requeueBudgetTokens,
      cluster.clusterShedTotal,
      cluster.nackShedTotal,
      cluster.clusterLimit,
      cluster.clusterEndpoints,
      cluster.clusterPanic,
      cluster.clusterOut,
      cluster.accrualTotal,
      cluster.accrualOutSecondsTotal,
      cluster.endpointChangesTotal,
      cluster.addressUpdatesTotal,
      healthChecksTotal,
      cluster.clusterConnections,
      cluster.clusterParked,
      upstreamHandshakes,
    ],
  },
  { title: "Namer: what registries say", specs: [...WATCH_METRICS, ...NAMER_GAUGES] },
  { title: "Interpreter: a dtab that lies elsewhere", specs: DTAB_METRICS },
  { title: "Mirrors: what is published in other registries", specs: [...MIRROR_METRICS, driftGauge] },
  { title: "Announcements: where servers say that they listen", specs: ANNOUNCE_METRICS },
  { title: "Shifts: what is ordered, and what came of it", specs: SHIFT_METRICS },
  { title: "Configuration: what runs, and how it came to", specs: RELOAD_METRICS },
  { title: "Threads: control, each worker, or main where there is no worker", specs: THREAD_METRICS },
];
