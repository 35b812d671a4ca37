/** Links the prober of a host: how the endpoints of a cluster are checked, by what the configuration says of its client. */
import type { HealthSubject } from "./base/health.ts";
import type { MetricSpec } from "./base/metrics.ts";
import type { Scope } from "./base/scope.ts";
import { transportFor } from "./client-linker.ts";
import type { Checker, CheckResult } from "./cluster/health/check.ts";
import { type CheckPlan, HealthChecks } from "./cluster/health/health-checks.ts";
import { GrpcQuestion, HttpQuestion, type Question } from "./cluster/health/question.ts";
import { TransportChecker } from "./cluster/health/transport-checker.ts";
import { type ClientConfig, type RouterConfig, settingsFor } from "./config/config.ts";
import { meaningOf } from "./config/meaning.ts";
import { Layout } from "./http/exchange.ts";
import type { LiveNaming } from "./live-naming.ts";
import type { World } from "./naming-root.ts";
import { Path } from "./naming/path.ts";
import { Sweeper } from "./net/sweeper.ts";
import { ClientTlsTable } from "./tls-linker.ts";

export const healthChecksTotal: MetricSpec = {
  name: "linkspan_health_checks_total",
  type: "counter",
  help: "Active checks of endpoints: passed, failed, or unknown, where one could not be made here.",
  labels: ["router", "result"],
};

export interface HealthParts {
  readonly world: World;
  readonly bug: (error: unknown) => void;
  /** Relative paths of files start here. */
  readonly baseDir: string;
  readonly naming: Pick<LiveNaming, "routerOf">;
}

/** Nothing is checked, and no timer set, before somebody watches. */
export function openHealthChecks(parts: HealthParts, owner: Scope): HealthChecks {
  const { world, naming } = parts;
  const { clock, random, metrics, log } = world;
  const count = ({ router }: HealthSubject, { outcome: result }: CheckResult): void => {
    metrics.counter(healthChecksTotal, { router, result }, owner).value++;
  };
  return owner.own(
    new HealthChecks({
      clock,
      random,
      planOf(subject) {
        const router = naming.routerOf(subject.stack, subject.router);
        return router && planOf(subject, router, parts);
      },
      checked: count,
      failed: ({ router, id: cluster }, error) => {
        const cause = error instanceof Error ? error.message : String(error);
        log.warn("health.unchecked", { router, cluster, cause });
      },
    }),
  );
}

function planOf(subject: HealthSubject, router: RouterConfig, parts: HealthParts): CheckPlan | undefined {
  const id = Path.read(subject.id);
  const config = settingsFor(router.client, id);
  const { healthCheck, tls } = config;
  if (healthCheck === undefined) return undefined;
  const { interval: intervalMs, timeout: timeoutMs, down, up } = healthCheck;
  const meaning = meaningOf({ healthCheck, tls, protocol: config.protocol }) ?? subject.stack;
  return {
    key: `${subject.router} ${subject.id} ${meaning}`,
    times: { intervalMs, timeoutMs, down, up },
    open: (owner) => openChecker(id, router, config, parts, owner),
  };
}

function openChecker(
  id: Path,
  router: RouterConfig,
  config: ClientConfig,
  { world, bug, baseDir }: HealthParts,
  owner: Scope,
): Checker {
  const { clock } = world;
  const protocol = config.healthCheck?.kind === "grpc" ? "h2" : config.protocol;
  const client: ClientConfig = { ...config, protocol, connectTimeoutMs: config.healthCheck?.timeout ?? 0 };
  const sweeper = owner.own(new Sweeper(clock));
  const tls = new ClientTlsTable(router, { world, baseDir, router: router.label }, owner);
  const securing = tls.securingFor(id, config, protocol === "h2" ? "h2" : "http/1.1");
  const question = questionOf(client);
  return new TransportChecker({
    transport: transportFor(router, client, { world, bug, sweeper }, securing),
    clock,
    layout: new Layout(),
    timeoutMs: client.connectTimeoutMs,
    ...(question === undefined ? {} : { question }),
  });
}

function questionOf({ healthCheck, protocol }: ClientConfig): Question | undefined {
  if (healthCheck?.kind === "http") return new HttpQuestion(healthCheck.path, protocol);
  return healthCheck?.kind === "grpc" ? new GrpcQuestion(healthCheck.service) : undefined;
}
