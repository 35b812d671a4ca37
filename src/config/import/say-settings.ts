/** What a linkerd.yaml says of clusters and of logical names, in the settings of the short form. */
import type { ClientConfig, HttpProtocol, ServiceConfig } from "../config.ts";
import { sayBalancer } from "../short-balancer.ts";
import { type ClientTlsConfig, trustOf } from "../tls-schema.ts";
import { showDuration } from "../units.ts";

type Keys = Readonly<Record<string, unknown>>;

const MOST_PENDING = 1000;

/** Settings that may mean the same, which the caller has to see for himself. */
export function sayClient(client: ClientConfig, protocol: HttpProtocol): Keys {
  const { loadBalancer, requestAttemptTimeoutMs, maxPendingRequests, protocol: spoken, tls } = client;
  return {
    ...sayBalancer(loadBalancer),
    ...(requestAttemptTimeoutMs === undefined ? {} : { attemptTimeout: showDuration(requestAttemptTimeoutMs) }),
    ...(maxPendingRequests === MOST_PENDING ? {} : { maxPending: maxPendingRequests }),
    ...(spoken === protocol ? {} : { protocol: spoken }),
    ...(tls === undefined ? {} : { tls: sayTls(tls) }),
  };
}

export function sayService(service: ServiceConfig, protocol: HttpProtocol): Keys {
  const { totalTimeoutMs } = service;
  const retries = sayRetries(service, protocol);
  return {
    ...(totalTimeoutMs === undefined ? {} : { timeout: showDuration(totalTimeoutMs) }),
    ...(Object.keys(retries).length === 0 ? {} : { retries: onlyLimit(retries) }),
  };
}

function sayTls(tls: ClientTlsConfig): unknown {
  const { enabled, commonName, clientAuth, disableValidation } = tls;
  if (!enabled) return false;
  const [ca] = trustOf(tls);
  return {
    ...(commonName === undefined ? {} : { name: commonName }),
    ...(ca === undefined ? {} : { ca }),
    ...(clientAuth === undefined ? {} : { cert: clientAuth.certPath, key: clientAuth.keyPath }),
    ...(disableValidation ? { insecure: true } : {}),
  };
}

const ON: Readonly<Record<string, readonly string[]>> = {
  "io.l5d.http.retryableAll5XX": ["5xx"],
  "io.l5d.http.retryableIdempotent5XX": ["5xx", "idempotent"],
};

/** What `linkspan.status` tries again that tries the same again as a classifier of Linkerd 1 for HTTP/2. */
export function retriedByH2(kind: string): "none" | "idempotent" | "all" | undefined {
  return RETRIED_BY_H2[kind];
}

const RETRIED_BY_H2: Readonly<Record<string, "none" | "idempotent" | "all">> = {
  "io.l5d.h2.nonRetryable5XX": "none",
  "io.l5d.h2.retryableIdempotent5XX": "idempotent",
  "io.l5d.h2.retryableAll5XX": "all",
};

function sayRetries({ retries, responseClassifier: { kind, config } }: ServiceConfig, protocol: HttpProtocol): Keys {
  const { limit, budget, backoff } = retries;
  const isUsual = budget.minRetriesPerSec === 10 && budget.percentCanRetry === 0.2 && budget.ttlSecs === 10;
  const shares = { ratio: budget.percentCanRetry, min: budget.minRetriesPerSec, ttl: `${budget.ttlSecs}s` };
  const retryable = retriedByH2(kind) ?? (config as Keys)["retryable"];
  const onH2 = retryable === "all" ? ["5xx"] : retryable === "idempotent" ? ["5xx", "idempotent"] : undefined;
  const on = protocol === "h2" ? onH2 : ON[kind];
  return {
    ...(limit === 3 ? {} : { limit }),
    ...(on === undefined ? {} : { on }),
    ...(isUsual ? {} : { budget: shares }),
    ...sayBackoff(backoff),
  };
}

function sayBackoff(backoff: ServiceConfig["retries"]["backoff"]): Keys {
  if (backoff.kind === "jittered")
    return { backoff: { min: showDuration(backoff.minMs), max: showDuration(backoff.maxMs) } };
  return backoff.ms === 0 ? {} : { backoff: showDuration(backoff.ms) };
}

function onlyLimit(retries: Keys): unknown {
  const { limit, ...more } = retries;
  return limit !== undefined && Object.keys(more).length === 0 ? limit : retries;
}
