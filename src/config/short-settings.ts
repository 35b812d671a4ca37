/** The settings of the short form, in the words of a linkerd.yaml. */
import type { RouteSettings } from "./short-schema.ts";

/** An entry of `configs`. */
export interface Rule {
  readonly prefix: string;
  readonly [key: string]: unknown;
}
export type ClientRule = Rule;

/** What holds for clusters; only what is said. `all` is what the file says for every route. */
export function clientOf(own: RouteSettings, all: RouteSettings): Readonly<Record<string, unknown>> {
  const { balancer, failurePenalty, attemptTimeout, maxPending } = own;
  return {
    ...(balancer === undefined && failurePenalty === undefined ? {} : { loadBalancer: balancerOf(own, all) }),
    ...(attemptTimeout === undefined ? {} : { requestAttemptTimeoutMs: attemptTimeout }),
    ...(maxPending === undefined ? {} : { maxPendingRequests: maxPending }),
  };
}

/** What holds for logical names; only what is said. */
export function serviceOf({ timeout, retries }: RouteSettings): Readonly<Record<string, unknown>> {
  return {
    ...(timeout === undefined ? {} : { totalTimeoutMs: timeout }),
    ...(retries === undefined ? {} : retriesOf(retries)),
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

function retriesOf(retries: NonNullable<RouteSettings["retries"]>): object {
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
  return { retries: { limit, ...shares, ...wait }, ...classifierOf(on) };
}

function classifierOf(on: readonly string[]): object {
  if (on.includes("idempotent")) return { responseClassifier: { kind: "io.l5d.http.retryableIdempotent5XX" } };
  return on.includes("5xx") ? { responseClassifier: { kind: "io.l5d.http.retryableAll5XX" } } : {};
}
