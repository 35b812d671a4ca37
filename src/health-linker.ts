/** Links the prober of a host: how the endpoints of a cluster are checked, by what the configuration says of its client. */
import type { CheckerParts } from "./checker-linker.ts";
import type { HealthSubject } from "./base/health.ts";
import type { Log } from "./base/log.ts";
import type { MetricSpec } from "./base/metrics.ts";
import type { Scope } from "./base/scope.ts";
import type { CheckResult } from "./cluster/health/check.ts";
import { type CheckPlan, HealthChecks } from "./cluster/health/health-checks.ts";
import { LateChecker } from "./cluster/health/late-checker.ts";
import { type RouterConfig, settingsFor } from "./config/config.ts";
import { meaningOf } from "./config/meaning.ts";
import type { LiveNaming } from "./live-naming.ts";
import { Path } from "./naming/path.ts";

export const healthChecksTotal: MetricSpec = {
  name: "linkspan_health_checks_total",
  type: "counter",
  help: "Active checks of endpoints: passed, failed, or unknown, where one could not be made here.",
  labels: ["router", "result"],
};

export interface HealthParts extends Omit<CheckerParts, "tls"> {
  readonly naming: Pick<LiveNaming, "routerOf">;
}

/** Nothing is checked, and no timer set, before somebody watches. */
export function openHealthChecks(parts: HealthParts, owner: Scope): HealthChecks {
  const { world, naming } = parts;
  const { clock, random, metrics, log } = world;
  const checkerParts: CheckerParts = { ...parts, tls: new Map() };
  const count = ({ router }: HealthSubject, { outcome: result }: CheckResult): void => {
    metrics.counter(healthChecksTotal, { router, result }, owner).value++;
  };
  return owner.own(
    new HealthChecks({
      clock,
      random,
      planOf(subject) {
        const router = naming.routerOf(subject.stack, subject.router);
        return router && planOf(subject, router, checkerParts);
      },
      checked: count,
      failed: (subject, error) => tellUnchecked(log, subject, error),
    }),
  );
}

function planOf(subject: HealthSubject, router: RouterConfig, parts: CheckerParts): CheckPlan | undefined {
  const id = Path.read(subject.id);
  const config = settingsFor(router.client, id);
  const { healthCheck, tls } = config;
  if (healthCheck === undefined) return undefined;
  const { interval: intervalMs, timeout: timeoutMs, down, up } = healthCheck;
  const meaning = meaningOf({ healthCheck, tls, protocol: config.protocol }) ?? subject.stack;
  return {
    key: `${subject.router} ${subject.id} ${meaning}`,
    times: { intervalMs, timeoutMs, down, up },
    // A control thread has the code that speaks to endpoints only where something is checked: it takes some 7 MB.
    open: (owner) =>
      new LateChecker(
        async () => (await import("./checker-linker.ts")).openChecker(id, router, config, parts, owner),
        (error) => tellUnchecked(parts.world.log, subject, error),
      ),
  };
}

function tellUnchecked(log: Log, { router, id: cluster }: HealthSubject, error: unknown): void {
  const cause = error instanceof Error ? error.message : String(error);
  log.warn("health.unchecked", { router, cluster, cause });
}
