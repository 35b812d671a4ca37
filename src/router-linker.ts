/** Links the stack of one router: identifiers, routes, and the way to its clusters. */
import type { Scope } from "./base/scope.ts";
import type { RouterConfig, ServiceConfig } from "./config/config.ts";
import type { PluginContext } from "./config/plugin.ts";
import { hedgeAfter } from "./config/hedge-schema.ts";
import { SharedSettings } from "./config/shared-settings.ts";
import type { BindingSource, DataPath } from "./data-path.ts";
import type { Classifier } from "./http/classifier.ts";
import type { Path } from "./naming/path.ts";
import { pluginContext } from "./naming-root.ts";
import { PluginInstances } from "./plugin-instances.ts";
import { RequestProbe } from "./request-probe.ts";
import type { RouterClients } from "./router-clients.ts";
import { defaultRouter, type RouterParams, type ServiceParams } from "./router/params.ts";
import { Router } from "./router/router.ts";

/** The stack of one router as one configuration has it; its servers' tiers lead to it. */
export interface RouterStack {
  readonly routes: Router;
  /** What a request would be taken for, which nobody sent. */
  readonly probe: RequestProbe;
  /** Its client settings are the ones that hold from now on. */
  use(): void;
}

export interface RouterStackParts {
  readonly router: RouterConfig;
  /** By which its names are bound. */
  readonly key: string;
  readonly naming: BindingSource;
  readonly clients: RouterClients;
  readonly data: DataPath;
}

/** Rejects with PluginNotCreated, or with a CertificateError. */
export async function linkStack(parts: RouterStackParts, owner: Scope): Promise<RouterStack> {
  const { router, key, naming, clients, data } = parts;
  const { world, layout, routerSlots: slots, bug, shareOf } = data;
  const { clock, random, metrics } = world;
  const contextOf = (scope: Scope): PluginContext =>
    pluginContext(data.config, world, scope, { layout, dstPrefix: router.dstPrefix });
  const context = contextOf(owner);
  const identifiers = await PluginInstances.of("identifier", router.identifiers, context);
  const generation = owner.own(await clients.prepare(router, key, contextOf));
  const params: RouterParams = {
    ...defaultRouter,
    label: router.label,
    identifiers: router.identifiers.map((use) => identifiers.get(use)),
    bindingTimeoutMs: router.bindingTimeoutMs,
    maxPending: shareOf(defaultRouter.maxPending),
    maxRoutes: router.bindingCache.paths,
    idleTtlMs: router.bindingCache.idleTtlSecs * 1_000,
    service: await serviceParams(router, context, shareOf),
    carries: router.protocol === "tcp" ? "connections" : "requests",
  };
  const interpreter = naming.interpreterFor(key);
  const { source: clusters } = generation;
  const routes = owner.own(new Router({ params, interpreter, clusters, layout, slots, clock, random, metrics, bug }));
  const { identifiers: asked } = params;
  const probe = new RequestProbe({ router, identifiers: asked, layout, slots, clock, random });
  return { routes, probe, use: () => generation.use() };
}

async function serviceParams(
  router: RouterConfig,
  context: PluginContext,
  shareOf: (limit: number) => number,
): Promise<(path: Path) => ServiceParams> {
  const said = [router.service.base, ...router.service.rules.map((rule) => rule.settings)];
  const uses = said.flatMap((each) => each.responseClassifier ?? []);
  const classifiers = await PluginInstances.of("classifier", uses, context);
  const settings = new SharedSettings(router.service);
  const made = new Map<ServiceConfig, ServiceParams>();
  return (path) => {
    const config = settings.of(path);
    const params = made.get(config) ?? paramsOf(router, config, classifiers.get(config.responseClassifier), shareOf);
    made.set(config, params);
    return params;
  };
}

/** As Linkerd 1, which held bodies of that many KB whole before it sent them. */
const KEPT_KB = 5;

function paramsOf(
  { protocol, streamAfterContentLengthKB }: RouterConfig,
  { totalTimeoutMs, retries, retryBufferSize, hedge, rateLimit, faults, shadow }: ServiceConfig,
  classifier: Classifier,
  shareOf: (limit: number) => number,
): ServiceParams {
  const { minRetriesPerSec, percentCanRetry, ttlSecs } = retries.budget;
  return {
    totalTimeoutMs,
    retries: {
      ...retries,
      keptBytes: retryBufferSize?.requestBytes ?? (streamAfterContentLengthKB ?? KEPT_KB) * 1_024,
      keepsStreams: protocol === "h2",
      budget: { minRetriesPerSec: shareOf(minRetriesPerSec), percentCanRetry, ttlMs: ttlSecs * 1_000 },
    },
    classifier,
    faults: faults?.map(({ delay: delayMs, match, fraction, abort }) => ({ match, fraction, delayMs, abort })),
    shadow,
    hedge: hedge && { after: hedgeAfter(hedge.after), budget: hedge.budget },
    rateLimit: rateLimit && {
      rps: shareOf(rateLimit.rps),
      burst: shareOf(rateLimit.burst ?? rateLimit.rps),
      by: rateLimit.by?.toLowerCase(),
    },
  };
}
