/** Opens the admin port, in whatever thread it runs. */
import { delegatorRoutes } from "./admin/delegator.ts";
import { explainRoutes } from "./admin/explain-routes.ts";
import type { ExplainSource } from "./admin/explain-source.ts";
import { guardRoutes } from "./admin/guard-routes.ts";
import { liveRoutes } from "./admin/live.ts";
import { metricsRoutes } from "./admin/metrics-routes.ts";
import { MinuteWindows } from "./admin/minute-windows.ts";
import { operationRoutes } from "./admin/operations.ts";
import { pageRoutes } from "./admin/page.ts";
import { processMetrics } from "./admin/process-metrics.ts";
import { Questions } from "./admin/questions.ts";
import { type Readiness, readinessRoutes } from "./admin/readiness.ts";
import { reloadRoutes, type ReloadSource } from "./admin/reload-routes.ts";
import { AdminServer } from "./admin/server.ts";
import type { AdminSource } from "./admin/state.ts";
import type { MetricsView } from "./base/metrics-registry.ts";
import type { Scope } from "./base/scope.ts";
import type { Clock } from "./base/time.ts";
import type { Path } from "./naming/path.ts";
import { openPlace } from "./net/listen-place.ts";
import { ListenError } from "./net/listener.ts";

export interface AdminParts {
  readonly host: string;
  readonly port: number;
  /** The listening socket, where it was inherited. */
  readonly fd: number | undefined;
  readonly source: AdminSource;
  readonly explain: ExplainSource;
  readonly metrics: MetricsView;
  /** Has the threads write down what their gauges show. */
  readonly refresh: () => Promise<void>;
  readonly clock: Clock;
  readonly bug: (error: unknown) => void;
  readonly readiness: Readiness;
  /** An operator orders that what is held of a bound id is believed. False when nothing is. */
  readonly release: (id: Path) => boolean;
  readonly reloads: ReloadSource;
  /** Somebody asked for the end. */
  readonly shutdown: () => void;
}

export interface OpenAdmin {
  readonly host: string;
  readonly port: number;
  /** The descriptor of its listening socket, where that can be told. */
  readonly fd: number | undefined;
  /** Takes no new connections. */
  leave(): void;
}

/** Rejects with a ListenError; `owner` closes it. */
export async function openAdmin(parts: AdminParts, owner: Scope): Promise<OpenAdmin> {
  const { source, explain, metrics: registry, refresh, clock, bug, shutdown, readiness, release, reloads } = parts;
  const questions = new Questions();
  const windows = owner.own(new MinuteWindows(registry, clock));
  const server = new AdminServer(
    [
      ...pageRoutes(),
      ...liveRoutes(source, clock),
      ...operationRoutes(source, clock, shutdown),
      ...guardRoutes(source, release),
      ...delegatorRoutes(explain, clock, questions),
      ...explainRoutes({ source: explain, state: source, clock, questions }),
      ...readinessRoutes(readiness),
      ...reloadRoutes(reloads),
      ...metricsRoutes({ registry, refresh, windows, process: processMetrics }),
    ],
    bug,
  );
  owner.own(server);
  return listen(server, parts);
}

async function listen(server: AdminServer, { host, port: wanted, fd: given }: AdminParts): Promise<OpenAdmin> {
  try {
    const { options, fd } = openPlace({ host, port: wanted, ...(given === undefined ? {} : { fd: given }) });
    return { host, port: await server.listen(options), fd, leave: () => server.leave() };
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    const what = `${host}:${wanted} (admin)`;
    if (inUse) throw new ListenError("listen.in_use", `${what} is in use`, error);
    throw new ListenError("listen.failed", `cannot listen on ${what}: ${(error as Error).message}`, error);
  }
}
