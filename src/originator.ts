/** Tells in a gauge which routers callers meet first (`originator`), as Linkerd 1 did. */
import type { Metrics, MetricSpec } from "./base/metrics.ts";
import type { Scope } from "./base/scope.ts";
import type { RouterConfig } from "./config/config.ts";

export const originatorGauge: MetricSpec = {
  name: "linkspan_originator",
  type: "gauge",
  help: "1 for a router whose configuration says that it is the first that requests come to.",
  labels: ["router"],
};

/** In one thread of a process: what workers tell is added up. */
export function tellOriginators(routers: readonly RouterConfig[], metrics: Metrics, owner: Scope): void {
  for (const { label, originator } of routers) {
    if (originator) metrics.gauge(originatorGauge, { router: label }, owner, () => 1);
  }
}
