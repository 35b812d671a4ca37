/** What the admin port shows by one configuration, and who may see it: its routes, its TLS, and the port beside it. */
import { delegatorRoutes } from "./admin/delegator.ts";
import { type DriftDesk, driftRoutes } from "./admin/drift-routes.ts";
import { explainRoutes } from "./admin/explain-routes.ts";
import type { ExplainSource } from "./admin/explain-source.ts";
import { guardRoutes } from "./admin/guard-routes.ts";
import { indexRoutes } from "./admin/index-routes.ts";
import { linkerdStateRoutes } from "./admin/linkerd-state.ts";
import { listedNames } from "./admin/listed-names.ts";
import { liveRoutes } from "./admin/live.ts";
import { metricsRoutes } from "./admin/metrics-routes.ts";
import { type MirrorDesk, mirrorRoutes } from "./admin/mirror-routes.ts";
import type { MinuteWindows } from "./admin/minute-windows.ts";
import { operationRoutes } from "./admin/operations.ts";
import { pageRoutes } from "./admin/page.ts";
import { processMetrics } from "./admin/process-metrics.ts";
import type { Questions } from "./admin/questions.ts";
import { type Readiness, readinessRoutes } from "./admin/readiness.ts";
import { reloadRoutes, type ReloadSource } from "./admin/reload-routes.ts";
import { requestRoutes } from "./admin/request-routes.ts";
import { pathFilter } from "./admin/security.ts";
import type { AdminFace, AdminRoute, TakeSocket } from "./admin/server.ts";
import { shiftRoutes } from "./admin/shift-routes.ts";
import type { AdminSource } from "./admin/state.ts";
import { type UsageDesk, usageRoutes } from "./admin/usage-routes.ts";
import { type WhySource, whyRoutes } from "./admin/why-routes.ts";
import type { MetricsView } from "./base/metrics-registry.ts";
import type { Scope } from "./base/scope.ts";
import type { ShiftDesk } from "./bridge/shift-desk.ts";
import type { Config } from "./config/config.ts";
import type { OpenNamer, World } from "./naming-root.ts";
import type { Path } from "./naming/path.ts";
import { secured } from "./tls-linker.ts";

export interface AdminParts {
  readonly world: World;
  readonly source: AdminSource;
  readonly explain: ExplainSource;
  readonly why: WhySource;
  readonly metrics: MetricsView;
  /** Has the threads write down what their gauges show. */
  readonly refresh: () => Promise<void>;
  readonly bug: (error: unknown) => void;
  readonly readiness: Readiness;
  /** The ones that run. */
  readonly namers: () => readonly OpenNamer[];
  /** An operator orders that what is held of a bound id is believed. False when nothing is. */
  readonly release: (id: Path) => boolean;
  readonly reloads: ReloadSource;
  readonly mirrors: MirrorDesk & DriftDesk;
  readonly usage: UsageDesk;
  /** Where shifts are ordered; nothing where they have no store. */
  readonly shifts: ShiftDesk | undefined;
  /** Somebody asked for the end. */
  readonly shutdown: () => void;
}

/** What goes on from one configuration to the next. */
export interface AdminMemory {
  readonly windows: MinuteWindows;
  readonly questions: Questions;
}

/** What is opened belongs to `owner`. Throws a CertificateError. */
export function linkFace(parts: AdminParts, memory: AdminMemory, config: Config, owner: Scope): AdminFace {
  const { admin } = config;
  const allows = pathFilter(admin.security);
  const routes = routesOf(parts, memory, config);
  return { routes: [...routes, ...indexRoutes(routes, allows)], allows, ...securingOf(parts, config, owner) };
}

function routesOf(parts: AdminParts, { windows, questions }: AdminMemory, config: Config): readonly AdminRoute[] {
  const { source, explain, why, metrics: registry, refresh, shutdown, readiness, release, reloads, namers } = parts;
  const { clock } = parts.world;
  const { telemetry } = config;
  const prometheus = telemetry.filter((each) => each.kind === "io.l5d.prometheus");
  const recent = telemetry.findLast((each) => each.kind === "io.l5d.recentRequests");
  const influx = telemetry.some(({ kind }) => kind === "io.l5d.influxdb");
  return [
    ...pageRoutes(),
    ...liveRoutes(source, clock),
    ...operationRoutes(source, clock, shutdown),
    ...guardRoutes(source, release),
    ...delegatorRoutes(explain, clock, questions),
    ...explainRoutes({ source: explain, state: source, clock, questions }),
    ...whyRoutes(why),
    ...(recent === undefined ? [] : requestRoutes(why, recent)),
    ...readinessRoutes(readiness),
    ...reloadRoutes(reloads),
    ...mirrorRoutes(parts.mirrors),
    ...driftRoutes(parts.mirrors),
    ...usageRoutes(parts.usage),
    ...shiftRoutes(parts.shifts),
    ...linkerdStateRoutes({
      source,
      config,
      names: () => listedNames(namers(), clock),
      wall: () => clock.wall(),
    }),
    ...metricsRoutes({ registry, refresh, windows, process: processMetrics, clock, prometheus, influx }),
  ];
}

/** What stands behind it is told when the port takes it up. */
function securingOf({ world }: AdminParts, { admin, baseDir }: Config, owner: Scope): Pick<AdminFace, "secure"> {
  const { tls, ip, port } = admin;
  if (tls === undefined) return {};
  let behind: TakeSocket | undefined;
  const accept: TakeSocket = (socket, closed) => {
    if (behind === undefined) throw new Error("nothing takes connections yet");
    return behind(socket, closed);
  };
  const place = { world, baseDir, router: "admin", server: `${ip}/${port}`, alpn: ["http/1.1"] };
  const taking = secured(tls, { ...place, accept }, owner);
  return {
    secure: (take) => {
      behind = take;
      return taking;
    },
  };
}
