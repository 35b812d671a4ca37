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

/** What holds for logical names on a router that speaks `protocol`; only what is said. */
export function serviceOf(
  { timeout, retries, hedge, rateLimit }: RouteSettings,
  protocol: HttpProtocol,
): Readonly<Record<string, unknown>> {
  return {
    ...(timeout === undefined ? {} : { totalTimeoutMs: timeout }),
    ...(retries === undefined ? {} : retriesOf(retries, protocol)),
    ...(hedge === undefined ? {} : { hedge }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
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

/** What was sent to nobody is tried again in any case. */
function classifierOf(on: readonly string[], protocol: HttpProtocol): object {
  const retryable = on.includes("idempotent") ? "idempotent" : on.includes("5xx") ? "all" : "none";
  if (protocol === "h2") return { kind: "linkspan.status", retryable };
  const kinds = { all: "retryableAll5XX", idempotent: "retryableIdempotent5XX", none: "nonRetryable5XX" };
  return { kind: `io.l5d.http.${kinds[retryable]}` };
}
