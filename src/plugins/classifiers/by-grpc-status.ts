/** The classifiers that go by the gRPC status, which stands in the trailers, or in the head of an answer that is only that. */
import { type Classifier, definePlugin, type Exchange, isGrpc, type ResponseClass, s } from "linkspan/plugin";
import { StatusClassifier, WholeAnswer } from "./by-status.ts";

const OK = 0;
const UNKNOWN = 2;
const UNAVAILABLE = 14;

export interface GrpcRules {
  readonly success: ReadonlySet<number>;
  /** Of those that are no success. */
  readonly retryable: (status: number) => boolean;
  /** HTTP statuses of answers without a gRPC status that may be tried again. */
  readonly retryableHttp: ReadonlySet<number>;
  /** Whether a stream that the endpoint refused may be tried again. */
  readonly retryRefused: boolean;
}

export class GrpcClassifier implements Classifier {
  readonly #rules: GrpcRules;

  constructor(rules: GrpcRules) {
    this.#rules = rules;
  }

  classify(x: Exchange, at: "respond" | "finish"): ResponseClass | undefined {
    const { failure, response } = x;
    if (failure !== undefined) {
      const isRefused = failure.code === "upstream.refused" && failure.flags.has("retryable");
      return this.#mayRetry(this.#rules.retryRefused && isRefused);
    }
    const inHead = statusIn(response.headers.get("grpc-status"), UNKNOWN);
    if (inHead !== undefined) return this.#of(inHead);
    if (response.status >= 400) return this.#mayRetry(this.#rules.retryableHttp.has(response.status));
    if (at === "respond") return undefined;
    const inTrailers = x.broken === undefined ? statusIn(x.trailers?.get("grpc-status"), undefined) : undefined;
    return inTrailers === undefined ? "failure" : this.#of(inTrailers);
  }

  #of(status: number): ResponseClass {
    return this.#rules.success.has(status) ? "success" : this.#mayRetry(this.#rules.retryable(status));
  }

  #mayRetry(may: boolean): ResponseClass {
    return may ? "retryable" : "failure";
  }
}

/** Undefined where there is none; `garbled` where there is one that is no number. */
function statusIn(text: string | undefined, garbled: number | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : garbled;
}

/** gRPC answers by their gRPC status, all others by their HTTP status. */
export class StatusOrGrpc implements Classifier {
  readonly #http: Classifier;
  readonly #grpc: Classifier;

  constructor(http: Classifier, grpc: Classifier) {
    this.#http = http;
    this.#grpc = grpc;
  }

  classify(x: Exchange, at: "respond" | "finish"): ResponseClass | undefined {
    const byGrpc = x.failure === undefined && isGrpc(x.response.headers);
    return (byGrpc ? this.#grpc : this.#http).classify(x, at);
  }
}

const none: ReadonlySet<number> = new Set();
const unavailable = (status: number): boolean => status === UNAVAILABLE;

const code = s.integer({ min: 0, max: 2 ** 31 - 1 });
const successStatusCodes = s.list(code, { default: [OK], doc: "The statuses that are a success; 0 is not implied." });
const successOnly = s.object({ successStatusCodes });

function rules(success: readonly number[], retryable: (status: number) => boolean): GrpcRules {
  return { success: new Set(success), retryable, retryableHttp: none, retryRefused: false };
}

const define = (kind: string, rulesOf: (success: readonly number[]) => GrpcRules) =>
  definePlugin({
    api: 1,
    family: "classifier",
    kind: `io.l5d.h2.grpc.${kind}`,
    protocols: ["h2"],
    schema: successOnly,
    create: ({ successStatusCodes: success }) => new GrpcClassifier(rulesOf(success)),
  });

const compliantHttp = new Set([429, 502, 503, 504]);

const listed = definePlugin({
  api: 1,
  family: "classifier",
  kind: "io.l5d.h2.grpc.retryableStatusCodes",
  protocols: ["h2"],
  schema: s.object({
    retryableStatusCodes: s.list(code, { doc: "The statuses that may be tried again." }),
    successStatusCodes,
  }),
  create(config) {
    const retryable = new Set(config.retryableStatusCodes);
    return new GrpcClassifier(rules(config.successStatusCodes, (status) => retryable.has(status)));
  },
});

/** The statuses that speak of the server, not of the request: UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const ofTheServer = new Set([2, 4, 8, 13, 14, 15]);
const ofTheRequest = Array.from({ length: 17 }, (_, status) => status).filter((status) => !ofTheServer.has(status));

const retried = {
  none: [],
  idempotent: ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"],
  all: ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "POST", "PATCH"],
} as const;

export const retryableKey = s.oneOf(["none", "idempotent", "all"], {
  default: "none",
  doc: "Which failures may be tried again, by the method; with `all` also gRPC's UNAVAILABLE.",
});

function grpcFor(retryable: keyof typeof retried): GrpcClassifier {
  return new GrpcClassifier(rules(ofTheRequest, retryable === "all" ? unavailable : () => false));
}

/** What is no answer of gRPC is judged by its head alone. */
export function statusOrGrpcFor(retryable: keyof typeof retried): StatusOrGrpc {
  return new StatusOrGrpc(new StatusClassifier(retried[retryable]), grpcFor(retryable));
}

const statusOrGrpc = definePlugin({
  api: 1,
  family: "classifier",
  kind: "linkspan.status",
  schema: s.object({ retryable: retryableKey }),
  create: ({ retryable }) =>
    new StatusOrGrpc(new WholeAnswer(new StatusClassifier(retried[retryable])), grpcFor(retryable)),
});

export default [
  define("default", (success) => rules(success, unavailable)),
  define("compliant", (success) => {
    return { ...rules(success, unavailable), retryableHttp: compliantHttp, retryRefused: true };
  }),
  define("alwaysRetryable", (success) => rules(success, () => true)),
  define("neverRetryable", (success) => rules(success, () => false)),
  listed,
  statusOrGrpc,
];
