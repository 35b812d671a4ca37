/** What the configuration says of routers, services, clients and servers: plain data, every default applied. */
import type { Classifier } from "../http/classifier.ts";
import type { RequestMatch } from "../http/request-matcher.ts";
import type { Path } from "../naming/path.ts";
import type { ForwardedParams } from "./filters/forwarded.ts";
import type { Identifier } from "./identifier.ts";

export interface RouterParams {
  /** Tells routers apart in metrics and views. */
  readonly label: string;
  /** Tried in order; the first that knows the request names it. */
  readonly identifiers: readonly Identifier[];
  /** How long an exchange waits for its name to be bound. */
  readonly bindingTimeoutMs: number;
  /** How many exchanges of one route wait for that. */
  readonly maxPending: number;
  /** Routes kept, and how long one is kept that nobody uses. */
  readonly maxRoutes: number;
  readonly idleTtlMs: number;
  readonly tracePropagator: "io.l5d.default" | "io.l5d.zipkin" | "none";
  readonly service: (path: Path) => ServiceParams;
  /** "connections": bytes without a head, so nothing is marked, retried or timed but what a connection has. */
  readonly carries: "requests" | "connections";
}

export interface ServiceParams {
  readonly totalTimeoutMs: number | undefined;
  readonly retries: RetryParams;
  readonly classifier: Classifier;
  readonly hedge: HedgeParams | undefined;
  readonly rateLimit: RateLimitParams | undefined;
  readonly faults?: readonly FaultParams[] | undefined;
  readonly shadow?: ShadowParams | undefined;
}

export interface FaultParams {
  readonly match: RequestMatch;
  /** Of the requests that match. */
  readonly fraction: number;
  readonly delayMs: number;
  /** The status of the answer, in place of the endpoint's. */
  readonly abort: number | undefined;
}

export interface ShadowParams {
  /** The name that copies go to. */
  readonly to: Path;
  readonly fraction: number;
}

export interface HedgeParams {
  /** After so long a request that was not answered goes to a second endpoint: or after what that share of them took. */
  readonly after: { readonly ms: number } | { readonly share: number };
  /** Hedges for each request. */
  readonly budget: number;
}

export interface RateLimitParams {
  /** Requests a second, and how many may come at once. */
  readonly rps: number;
  readonly burst: number;
  /** The header, in lower case, whose values have a rate each. */
  readonly by: string | undefined;
}

export interface RetryParams {
  readonly budget: BudgetParams;
  readonly backoff: BackoffParams;
  /** Attempts of one exchange after its first. */
  readonly limit: number;
  /** Of a request's body so many bytes are kept, so that it can be sent again; 0: a body that has begun is not. */
  readonly keptBytes: number;
  /** Whether that holds for bodies too that do not say how long they are. */
  readonly keepsStreams: boolean;
}

export interface BudgetParams {
  readonly minRetriesPerSec: number;
  readonly percentCanRetry: number;
  readonly ttlMs: number;
}

export type BackoffParams =
  | { readonly kind: "constant"; readonly ms: number }
  | { readonly kind: "jittered"; readonly minMs: number; readonly maxMs: number };

export interface ServerParams {
  /** Tells servers apart in metrics: `ip/port`. */
  readonly label: string;
  /** Via elements that a request may carry. */
  readonly maxCallDepth: number;
  /** Strips and ignores everything `l5d-` of requests, and strips it from answers. */
  readonly clearContext: boolean;
  /** Who may send `l5d-dtab`, `l5d-sample` and `l5d-ctx-*`: addresses in CIDR form. */
  readonly trust: "all" | "none" | readonly string[];
  /** A request header that is set to the time of day in epoch ms. */
  readonly timestampHeader: string | undefined;
  /** Whether and how endpoints are told in `Forwarded` who is called by whom. */
  readonly forwarded: ForwardedParams | undefined;
  /** Requests under way at the same time; more are refused. */
  readonly maxConcurrentRequests: number | undefined;
  /** How long a request may take to be answered. */
  readonly timeoutMs: number | undefined;
  /** Of gzip, from 1 to 9; -1 for text only, 0 for none. */
  readonly compressionLevel: number;
}

export const defaultBudget: BudgetParams = { minRetriesPerSec: 10, percentCanRetry: 0.2, ttlMs: 10_000 };

export const defaultRetries: RetryParams = {
  budget: defaultBudget,
  backoff: { kind: "constant", ms: 0 },
  limit: 3,
  keptBytes: 0,
  keepsStreams: true,
};

export const defaultServer: Omit<ServerParams, "label"> = {
  maxCallDepth: 1000,
  clearContext: false,
  trust: "all",
  timestampHeader: undefined,
  forwarded: undefined,
  maxConcurrentRequests: undefined,
  timeoutMs: undefined,
  compressionLevel: 0,
};

export const defaultRouter = {
  bindingTimeoutMs: 10_000,
  maxPending: 1000,
  maxRoutes: 1000,
  idleTtlMs: 600_000,
  tracePropagator: "io.l5d.default",
  carries: "requests",
} as const satisfies Partial<RouterParams>;
