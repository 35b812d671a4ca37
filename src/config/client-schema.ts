/** What may be said of clusters (`client`) and of logical names (`service`). */
import { requestBalancer } from "./balancer-schema.ts";
import type { Infer } from "./compound-fields.ts";
import { h2ClientKeys } from "./h2-keys.ts";
import { healthCheck } from "./health-schema.ts";
import { faults, shadow } from "./fault-schema.ts";
import { hedge, rateLimit } from "./hedge-schema.ts";
import { mixerKeys, socketOptions } from "./linkerd-keys.ts";
import { PluginField } from "./plugin-field.ts";
import { movedFromClient, movedFromService } from "./moved-keys.ts";
import type { SchemaProblem } from "./plugin.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";
import { clientTls } from "./tls-schema.ts";

/** How many retries the successes pay for. */
const budget = s.object(
  {
    minRetriesPerSec: s.integer({ min: 0, default: 10, doc: "Retries a second that are free." }),
    percentCanRetry: s.number({ min: 0, max: 1000, default: 0.2, doc: "Retries for each request: 0.2 is a fifth." }),
    ttlSecs: s.integer({ min: 1, max: 60, default: 10, doc: "How long a request counts." }),
  },
  { doc: "How many retries the requests pay for." },
);

const hostConnectionPool = s.object(
  {
    minSize: s.integer({ min: 0, default: 0, doc: "Connections kept to each endpoint." }),
    maxSize: s.optional(s.integer({ min: 1, doc: "The most connections to an endpoint; unlimited if not said." })),
    idleTimeMs: s.optional(s.integer({ min: 1, doc: "Closes a connection idle for so long." })),
    maxWaiters: s.optional(s.integer({ min: 0, doc: "The most requests that wait for a connection." })),
  },
  {
    check: ({ minSize, maxSize }) =>
      maxSize !== undefined && minSize > maxSize ? [{ at: ["minSize"], message: "`minSize` is above `maxSize`" }] : [],
    doc: "Connections to one endpoint.",
  },
);

const clientSession = s.object(
  {
    idleTimeMs: s.optional(s.integer({ min: 1, doc: "Closes a connection idle for so long." })),
    lifeTimeMs: s.optional(s.integer({ min: 1, doc: "Closes a connection so old, after its request." })),
  },
  { doc: "Outgoing connections." },
);

/** What routers and clients speak that carry requests. */
export type HttpProtocol = "http" | "h2";

/** `router` is what the router speaks: its clients do too, unless the file says otherwise. */
export function clientSchema(registry: Registry, router: HttpProtocol) {
  return s.object(
    {
      protocol: s.oneOf(["http", "h2"], { default: router, doc: "What the endpoints speak." }),
      ...h2ClientKeys,
      loadBalancer: requestBalancer(registry),
      failureAccrual: new PluginField(registry, "accrual", s.object({}), [], {
        default: { kind: "io.l5d.consecutiveFailures", failures: 5 },
        doc: "When a failing endpoint is taken out, and for how long.",
      }),
      healthCheck,
      hostConnectionPool,
      clientSession,
      requeueBudget: budget,
      requestAttemptTimeoutMs: s.optional(s.integer({ min: 1, doc: "How long one attempt may take to be answered." })),
      connectTimeoutMs: s.integer({ min: 1, default: 1000, doc: "How long a connection may take." }),
      tls: clientTls,
      forwardClientCert: s.boolean({
        default: false,
        doc: "Tells endpoints in `x-forwarded-client-cert` and `l5d-client-id` whose certificate a caller has shown.",
      }),
      maxConcurrentRequests: s.optional(
        s.integer({ min: 1, doc: "The most requests under way to a cluster at once; more wait." }),
      ),
      adaptiveConcurrency: s.boolean({
        default: false,
        doc: "Learns from how long answers take how many requests a cluster takes at once; at least 4.",
      }),
      maxPendingRequests: s.integer({ min: 0, default: 1000, doc: "More that wait for a cluster are refused." }),
      failFast: s.idle(
        s.boolean({ default: false }),
        "an endpoint that refuses one connection gets no requests until one succeeds, whatever it says",
      ),
      socketOptions,
    },
    {
      refused: {
        ...movedFromClient,
        requestAuthorizers: mixerKeys.requestAuthorizers,
      },
      check: ({ protocol, ...keys }) => (protocol === "h2" ? [] : strayKeys(keys)),
    },
  );
}

function strayKeys(keys: object): readonly SchemaProblem[] {
  return Object.keys(h2ClientKeys)
    .filter((key) => key in keys)
    .map((key) => {
      return { at: [key], key: true, message: `\`${key}\` is for HTTP/2`, expected: "`protocol: h2` beside it" };
    });
}

const classificationTimeoutMs = s.idle(
  s.integer({ min: 0, default: 100 }),
  "an answer whose class only its trailers tell is passed on, and classified when they come",
);

/** What is said of logical names on an http router. */
export function httpService(registry: Registry) {
  return s.object(serviceKeys(registry, "http"), { refused: movedFromService });
}

/** The same on an h2 router, whose requests have bodies more often than not. */
export function h2Service(registry: Registry) {
  const requestBytes = s.integer({
    min: 0,
    max: 1024 * 1024,
    default: 16_383,
    doc: "Of a request's body; 0 for none.",
  });
  const responseBytes = s.idle(
    s.integer({ min: 0, default: 16_383 }),
    "an answer goes to the caller as it comes, and is not held back until it is known to be final",
  );
  const retryBufferSize = s.object(
    { requestBytes, responseBytes },
    { doc: "What is kept of each request, so that it can be sent again." },
  );
  return s.object(
    { ...serviceKeys(registry, "h2"), retryBufferSize, classificationTimeoutMs },
    { refused: movedFromService },
  );
}

function serviceKeys(registry: Registry, router: HttpProtocol) {
  return {
    totalTimeoutMs: s.optional(
      s.integer({ min: 1, doc: "How long a request may take to be answered, retries and all." }),
    ),
    retries: s.object(
      {
        budget,
        backoff: s.backoff({ default: { kind: "constant", ms: 0 }, doc: "How long to wait before each." }),
        limit: s.integer({ min: 0, max: 100, default: 3, doc: "The most attempts after the first." }),
      },
      { doc: "Attempts after the first." },
    ),
    hedge,
    rateLimit,
    faults,
    shadow,
    responseClassifier: new PluginField(registry, "classifier", s.object({}), [], {
      default: { kind: `io.l5d.${router}.nonRetryable5XX` },
      protocol: router,
      doc: "Which answers are failures, and which of them may be tried again.",
    }),
  };
}

/** The idle timeout is there on TCP routers. */
export type ClientConfig = Infer<ReturnType<typeof clientSchema>> & { readonly idleTimeoutMs?: number };
/** What is kept of a request is said on h2 routers. */
export type ServiceConfig = Infer<ReturnType<typeof httpService>> &
  Partial<Pick<Infer<ReturnType<typeof h2Service>>, "retryBufferSize">>;
