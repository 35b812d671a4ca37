/** `linkspan.rules`: the first rule that a request and its answer match says what the answer was. */
import {
  type Classifier,
  type ClassRule,
  classRule,
  definePlugin,
  type Exchange,
  readStatusRange,
  RequestMatcher,
  type ResponseClass,
  s,
  type StatusRange,
} from "linkspan/plugin";
import { retryableKey, statusOrGrpcFor } from "./by-grpc-status.ts";
import { isUnclear } from "./by-status.ts";

class Rule {
  readonly as: ResponseClass;
  readonly #matcher: RequestMatcher;
  readonly #statuses: readonly StatusRange[] | undefined;

  constructor({ as, status, ...match }: ClassRule) {
    this.as = as;
    this.#matcher = new RequestMatcher(match);
    this.#statuses = status === undefined ? undefined : [status].flat().map((each) => readStatusRange(String(each)));
  }

  matches(x: Exchange): boolean {
    return this.#matchesStatus(x) && this.#matcher.matches(x);
  }

  #matchesStatus({ failure, response: { status } }: Exchange): boolean {
    const statuses = this.#statuses;
    if (statuses === undefined) return true;
    if (failure !== undefined) return false;
    for (let at = 0; at < statuses.length; at++) {
      const { least, most } = statuses[at] as StatusRange;
      if (status >= least && status <= most) return true;
    }
    return false;
  }
}

export class RulesClassifier implements Classifier {
  readonly #rules: readonly Rule[];
  readonly #otherwise: Classifier;
  readonly #header: string | undefined;

  /** An answer in which the endpoint says in `header` what it was is that; with `otherwise` what no rule matches. */
  constructor(rules: readonly Rule[], otherwise: Classifier, header: string | undefined) {
    this.#rules = rules;
    this.#otherwise = otherwise;
    this.#header = header?.toLowerCase();
  }

  classify(x: Exchange, at: "respond" | "finish"): ResponseClass | undefined {
    const { failure } = x;
    const said = failure === undefined && this.#header !== undefined ? classSaid(x, this.#header) : undefined;
    if (said !== undefined) return said;
    for (const each of this.#rules) {
      if (!each.matches(x)) continue;
      if (failure === undefined) return each.as;
      // It may have been processed, or is a dead end: the second is never tried again.
      return each.as === "retryable" && isUnclear(failure) ? "retryable" : "failure";
    }
    return this.#otherwise.classify(x, at);
  }
}

/** Above 0 is a success, as Linkerd 1 reads it. What is no number says nothing. */
function classSaid(x: Exchange, header: string): ResponseClass | undefined {
  const value = Number.parseFloat(x.response.headers.get(header) ?? x.trailers?.get(header) ?? "");
  if (Number.isNaN(value)) return undefined;
  return value > 0 ? "success" : "failure";
}

export default definePlugin({
  api: 1,
  family: "classifier",
  kind: "linkspan.rules",
  protocols: ["http", "h2"],
  schema: s.object({
    rules: s.list(classRule, { default: [], doc: "The first that a request and its answer match says what it was." }),
    retryable: retryableKey,
    successClassHeader: s.optional(
      s.string({
        doc: "A header of answers, such as l5d-success-class, in which endpoints say it themselves: above 0 is a success.",
      }),
    ),
  }),
  create: ({ rules, retryable, successClassHeader }) =>
    new RulesClassifier(
      rules.map((each) => new Rule(each)),
      statusOrGrpcFor(retryable),
      successClassHeader,
    ),
});
