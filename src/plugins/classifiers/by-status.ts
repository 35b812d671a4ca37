/** The classifiers that go by the status: 5xx is a failure, and may be retried for some methods. */
import { type Classifier, definePlugin, type Exchange, type ResponseClass, s } from "linkspan/plugin";

const reads = ["GET", "HEAD", "OPTIONS", "TRACE"];
const idempotent = [...reads, "PUT", "DELETE"];
const all = [...idempotent, "POST", "PATCH"];

/** Ends after which the request may or may not have been processed: a matter of its method. */
const unclear = new Set(["upstream.reset", "attempt.timeout"]);

export class StatusClassifier implements Classifier {
  readonly #retryable: ReadonlySet<string>;

  /** `methods` may be sent again when their first answer was a failure. */
  constructor(methods: Iterable<string>) {
    this.#retryable = new Set(methods);
  }

  classify(x: Exchange): ResponseClass {
    const { failure } = x;
    if (failure === undefined && x.response.status < 500) return "success";
    if (failure !== undefined && !unclear.has(failure.code)) return "failure";
    return this.#retryable.has(x.request.method) ? "retryable" : "failure";
  }
}

/** Whatever answers has succeeded. */
export class AllSuccessful implements Classifier {
  classify(x: Exchange): ResponseClass {
    return x.failure === undefined ? "success" : "failure";
  }
}

const define = (kind: string, create: () => Classifier) =>
  definePlugin({ api: 1, family: "classifier", kind: `io.l5d.http.${kind}`, schema: s.object({}), create });

export const nonRetryable5xx = define("nonRetryable5XX", () => new StatusClassifier([]));
export const retryableRead5xx = define("retryableRead5XX", () => new StatusClassifier(reads));
export const retryableIdempotent5xx = define("retryableIdempotent5XX", () => new StatusClassifier(idempotent));
export const retryableAll5xx = define("retryableAll5XX", () => new StatusClassifier(all));
export const allSuccessful = define("allSuccessful", () => new AllSuccessful());

export default [nonRetryable5xx, retryableRead5xx, retryableIdempotent5xx, retryableAll5xx, allSuccessful];
