/** The classifiers that go by the HTTP status: 5xx is a failure, and may be retried for some methods. */
import {
  type Classifier,
  definePlugin,
  type Exchange,
  type Failure,
  type FailureCode,
  type ResponseClass,
  s,
} from "linkspan/plugin";

const reads = ["GET", "HEAD", "OPTIONS", "TRACE"];
const idempotent = [...reads, "PUT", "DELETE"];
const all = [...idempotent, "POST", "PATCH"];

/** Ends after which the request may or may not have been processed: a matter of its method. */
const unclear: ReadonlySet<FailureCode> = new Set(["upstream.reset", "upstream.malformed", "attempt.timeout"]);
/** Of connections that were not made in time. What waited long for one to be free is not sent to wait again. */
const unconnected: ReadonlySet<FailureCode> = new Set(["connect.failed", "connect.timeout"]);

/** Whether another attempt may end otherwise, as far as the end of this one tells. */
export function isUnclear({ code, flags }: Failure): boolean {
  return unclear.has(code) || (unconnected.has(code) && flags.has("retryable"));
}

export class StatusClassifier implements Classifier {
  readonly #retryable: ReadonlySet<string>;

  /** `methods` may be sent again when their first answer was a failure. */
  constructor(methods: Iterable<string>) {
    this.#retryable = new Set(methods);
  }

  classify(x: Exchange): ResponseClass {
    const { failure } = x;
    if (failure === undefined && x.response.status < 500) return "success";
    if (failure !== undefined && !isUnclear(failure)) return "failure";
    return this.#retryable.has(x.request.method) ? "retryable" : "failure";
  }
}

/** Whatever answers has succeeded. */
export class AllSuccessful implements Classifier {
  classify(x: Exchange): ResponseClass {
    return x.failure === undefined ? "success" : "failure";
  }
}

/** A success is one only when the answer has come to its end: a stream that is reset half way was none. */
export class WholeAnswer implements Classifier {
  readonly #byHead: Classifier;

  constructor(byHead: Classifier) {
    this.#byHead = byHead;
  }

  classify(x: Exchange, at: "respond" | "finish"): ResponseClass | undefined {
    const byHead = this.#byHead.classify(x, at);
    if (byHead !== "success") return byHead;
    if (at === "respond") return undefined;
    return x.broken === undefined ? "success" : "failure";
  }
}

const kinds: Readonly<Record<string, () => Classifier>> = {
  nonRetryable5XX: () => new StatusClassifier([]),
  retryableRead5XX: () => new StatusClassifier(reads),
  retryableIdempotent5XX: () => new StatusClassifier(idempotent),
  retryableAll5XX: () => new StatusClassifier(all),
  allSuccessful: () => new AllSuccessful(),
};

const define = (protocol: string, kind: string, create: () => Classifier) =>
  definePlugin({
    api: 1,
    family: "classifier",
    kind: `io.l5d.${protocol}.${kind}`,
    protocols: [protocol],
    schema: s.object({}),
    create,
  });

export default [
  ...Object.entries(kinds).map(([kind, create]) => define("http", kind, create)),
  ...Object.entries(kinds).map(([kind, create]) => define("h2", kind, () => new WholeAnswer(create()))),
];
