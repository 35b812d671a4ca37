/** The settings of the short form, in the words of a linkerd.yaml. */
import type { HttpProtocol } from "./client-schema.ts";
import type { RouteSettings } from "./short-schema.ts";

/** An entry of `configs`. */
export interface Rule {
  readonly prefix: string;
  readonly [key: string]: unknown;
}
export type ClientRule = Rule;

/** What holds for clusters; only what is said. `all` is what the file says for every route. */
export function clientOf(own: RouteSettings, all: RouteSettings): Readonly<Record<string, unknown>> {
  const { balancer, failurePenalty, attemptTimeout, maxPending, protocol } = own;
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(balancer === undefined && failurePenalty === undefined ? {} : { loadBalancer: balancerOf(own, all) }),
    ...(attemptTimeout === undefined ? {} : { requestAttemptTimeoutMs: attemptTimeout }),
    ...(maxPending === undefined ? {} : { maxPendingRequests: maxPending }),
  };
}

/** What holds for logical names on a router that speaks `protocol`; only what is said. */
export function serviceOf(
  { timeout, retries }: RouteSettings,
  protocol: HttpProtocol,
): Readonly<Record<string, unknown>> {
  return {
    ...(timeout === undefined ? {} : { totalTimeoutMs: timeout }),
    ...(retries === undefined ? {} : retriesOf(retries, protocol)),
  };
}

/** One mapping for all names, or one that holds for all and one for each prefix. */
export function withRules(base: object, rules: readonly Rule[]): object {
  if (rules.length === 0) return base;
  const first = Object.keys(base).length === 0 ? [] : [{ prefix: "/", ...base }];
  return { kind: "io.l5d.static", configs: [...first, ...rules] };
}

const PENALTY_MS = 1000;

function balancerOf(own: RouteSettings, all: RouteSettings): object {
  const kind = own.balancer ?? all.balancer ?? "ewma";
  if (kind !== "ewma") return { kind };
  return { kind, failurePenaltyMs: own.failurePenalty ?? all.failurePenalty ?? PENALTY_MS };
}

function retriesOf(retries: NonNullable<RouteSettings["retries"]>, protocol: HttpProtocol): object {
  if (typeof retries === "number") return { retries: { limit: retries } };
  const { limit, on, budget, backoff } = retries;
  const shares =
    budget === undefined
      ? {}
      : {
          budget: {
            minRetriesPerSec: budget.min,
            percentCanRetry: budget.ratio,
            ttlSecs: Math.max(1, Math.round(budget.ttl / 1000)),
          },
        };
  const wait = backoff === undefined ? {} : { backoff: { kind: "constant", ms: backoff } };
  return { retries: { limit, ...shares, ...wait }, ...classifierOf(on, protocol) };
}

function classifierOf(on: readonly string[], protocol: HttpProtocol): object {
  const retryable = on.includes("idempotent") ? "idempotent" : on.includes("5xx") ? "all" : undefined;
  if (retryable === undefined) return {};
  if (protocol === "h2") return { responseClassifier: { kind: "linkspan.status", retryable } };
  const kind = retryable === "all" ? "retryableAll5XX" : "retryableIdempotent5XX";
  return { responseClassifier: { kind: `io.l5d.http.${kind}` } };
}
