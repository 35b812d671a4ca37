/** The settings of the short form, in the words of a linkerd.yaml. */
import type { HttpProtocol } from "./client-schema.ts";
import { balancerOf } from "./short-balancer.ts";
import type { RouteSettings } from "./short-schema.ts";
import { clientTlsOf } from "./short-tls.ts";

/** An entry of `configs`. */
export interface Rule {
  readonly prefix: string;
  readonly [key: string]: unknown;
}

/** Those that hold for clusters, whichever route leads to them. */
export const clusterSettings = [
  "balancer",
  "failurePenalty",
  "slowStart",
  "locality",
  "sticky",
  "panic",
  "attemptTimeout",
  "maxPending",
  "maxConcurrent",
  "adaptive",
  "protocol",
  "tls",
  "health",
] as const;

/** What holds for clusters; only what is said. `all` is what the file says for every route. */
export function clientOf(own: RouteSettings, all: RouteSettings): Readonly<Record<string, unknown>> {
  const { attemptTimeout, maxPending, maxConcurrent, adaptive, protocol, tls, health } = own;
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...balancerOf(own, all),
    ...(attemptTimeout === undefined ? {} : { requestAttemptTimeoutMs: attemptTimeout }),
    ...(maxPending === undefined ? {} : { maxPendingRequests: maxPending }),
    ...(maxConcurrent === undefined ? {} : { maxConcurrentRequests: maxConcurrent }),
    ...(adaptive === undefined ? {} : { adaptiveConcurrency: adaptive }),
    ...(tls === undefined ? {} : { tls: clientTlsOf(tls) }),
    ...(health === undefined ? {} : { healthCheck: healthOf(health) }),
  };
}

/**
 * What holds for logical names on a router that speaks `protocol`; only what is said. `shadowTo` is the concrete name
 * that copies go to.
 */
export function serviceOf(
  { timeout, retries, hedge, rateLimit, classify, faults, shadow }: RouteSettings,
  protocol: HttpProtocol,
  shadowTo?: string,
): Readonly<Record<string, unknown>> {
  return {
    ...(timeout === undefined ? {} : { totalTimeoutMs: timeout }),
    ...(retries === undefined ? {} : retriesOf(retries, protocol)),
    ...(hedge === undefined ? {} : { hedge }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(classify === undefined ? {} : { responseClassifier: rulesOf(classify, retries) }),
    ...(faults === undefined
      ? {}
      : { faults: faults.map(({ delay, ...fault }) => ({ ...fault, delay: `${delay}ms` })) }),
    ...(shadow === undefined || shadowTo === undefined ? {} : { shadow: { ...shadow, to: shadowTo } }),
  };
}

function healthOf({ interval, timeout, ...others }: NonNullable<RouteSettings["health"]>): object {
  return { ...others, interval: `${interval}ms`, timeout: `${timeout}ms` };
}

type Retries = Exclude<NonNullable<RouteSettings["retries"]>, number>;

function retriesOf(retries: number | Retries, protocol: HttpProtocol): object {
  if (typeof retries === "number") return { retries: { limit: retries } };
  const { limit, on, budget, backoff } = retries;
  const said = {
    ...(limit === undefined ? {} : { limit }),
    ...(budget === undefined ? {} : { budget: budgetOf(budget) }),
    ...(backoff === undefined ? {} : { backoff: backoffOf(backoff) }),
  };
  return {
    ...(Object.keys(said).length === 0 ? {} : { retries: said }),
    ...(on === undefined ? {} : { responseClassifier: classifierOf(on, protocol) }),
  };
}

function budgetOf({ min, ratio, ttl }: NonNullable<Retries["budget"]>): object {
  return { minRetriesPerSec: min, percentCanRetry: ratio, ttlSecs: Math.max(1, Math.round(ttl / 1000)) };
}

function backoffOf(backoff: NonNullable<Retries["backoff"]>): object {
  if (typeof backoff === "number") return { kind: "constant", ms: backoff };
  return { kind: "jittered", minMs: backoff.min, maxMs: backoff.max };
}

/** What no rule speaks of is judged as without them. */
function rulesOf(rules: NonNullable<RouteSettings["classify"]>, retries: RouteSettings["retries"]): object {
  const on = typeof retries === "object" ? retries.on : undefined;
  return { kind: "linkspan.rules", rules, ...(on === undefined ? {} : { retryable: retryableOf(on) }) };
}

function retryableOf(on: readonly string[]): "idempotent" | "all" | "none" {
  return on.includes("idempotent") ? "idempotent" : on.includes("5xx") ? "all" : "none";
}

/** What was sent to nobody is tried again in any case. */
function classifierOf(on: readonly string[], protocol: HttpProtocol): object {
  const retryable = retryableOf(on);
  if (protocol === "h2") return { kind: "linkspan.status", retryable };
  const kinds = { all: "retryableAll5XX", idempotent: "retryableIdempotent5XX", none: "nonRetryable5XX" };
  return { kind: `io.l5d.http.${kinds[retryable]}` };
}
