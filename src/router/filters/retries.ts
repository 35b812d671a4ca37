/** Judges every answer of a route, and tries again what the classifier calls retryable and the budget can pay. */
import type { Failure } from "../../base/failure.ts";
import type { Clock, Random } from "../../base/time.ts";
import { noBody } from "../../http/body.ts";
import type { Classifier, ResponseClass } from "../../http/classifier.ts";
import type { Exchange, Holder, Trailing } from "../../http/exchange.ts";
import { fail, Filter } from "../../http/filter.ts";
import type { Headers } from "../../http/headers.ts";
import { ReplayBody } from "../../http/replay-body.ts";
import { nextBackoff } from "../backoff.ts";
import type { Budget } from "../budget.ts";
import type { BackoffParams, RetryParams } from "../params.ts";
import { Counted, type RouteSeries } from "../route-series.ts";
import { Phase, type RouterSlots, Verdict } from "../slots.ts";
import { classTrailers, tellClass } from "../success-class.ts";

/** What all routes of a router share. */
export interface RetriesParts {
  readonly slots: RouterSlots;
  readonly clock: Clock;
  readonly random: Random;
}

/** What routes share for which the same is configured. */
export interface RetryPolicy {
  readonly retries: RetryParams;
  readonly classifier: Classifier;
}

/**
 * An attempt that is given up is first brought to its end (`abandon`); the next one begins when its `finish` is here,
 * so that the stages below never have two. While a back-off runs the exchange is held here.
 */
export class Retries extends Filter implements Holder, Trailing {
  readonly #parts: RetriesParts;
  readonly #slots: RouterSlots;
  readonly #policy: RetryPolicy;
  readonly #budget: Budget;
  readonly #series: RouteSeries;

  constructor(parts: RetriesParts, policy: RetryPolicy, budget: Budget, series: RouteSeries) {
    super();
    this.#parts = parts;
    this.#slots = parts.slots;
    this.#policy = policy;
    this.#budget = budget;
    this.#series = series;
  }

  override dispatch(x: Exchange): void {
    x.values[this.#slots.classifier] = this.#policy.classifier;
    x.numbers[this.#slots.retries] = 0;
    x.numbers[this.#slots.phase] = Phase.trying;
    this.#budget.deposit(x.startedAt);
    const { keptBytes } = this.#policy.retries;
    if (x.requestBody.length !== 0 && x.requestBody.length <= keptBytes && keptBytes > 0) this.#keepBody(x, keptBytes);
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    const verdict = this.#judge(x);
    if (verdict !== Verdict.retryable || !this.#mayRetry(x)) {
      x.numbers[this.#slots.verdict] = verdict === Verdict.retryable ? Verdict.failure : verdict;
      if (verdict === Verdict.unknown) this.#awaitEnd(x);
      (x.values[this.#slots.replay] as ReplayBody | undefined)?.commit();
      return this.prev.respond(x);
    }
    x.numbers[this.#slots.phase] = Phase.ending;
    x.abandon();
  }

  override finish(x: Exchange): void {
    if (x.numbers[this.#slots.phase] === Phase.ending) return this.#again(x);
    if (x.numbers[this.#slots.verdict] === Verdict.unknown) this.#judgeEnd(x);
    this.prev.finish(x);
  }

  /** The answer has come to its end: whether it was a success is known now. */
  trailers(x: Exchange, trailers: Headers | undefined): Headers | undefined {
    this.#judgeEnd(x);
    const verdict = x.numbers[this.#slots.verdict] as number;
    if (trailers === undefined) return classTrailers(verdict);
    tellClass(trailers, verdict);
    return trailers;
  }

  /** Ends the wait of a back-off. */
  cancel(x: Exchange, failure: Failure): void {
    this.#endWait(x);
    x.numbers[this.#slots.verdict] = failure.flags.has("interrupted") ? Verdict.ignored : Verdict.failure;
    fail(this.prev, x, failure);
  }

  abandon(x: Exchange): void {
    this.#endWait(x);
    this.prev.finish(x);
  }

  #keepBody(x: Exchange, limit: number): void {
    const replay = new ReplayBody(x.requestBody, limit);
    x.values[this.#slots.replay] = replay;
    x.requestBody = replay;
  }

  #judge(x: Exchange): number {
    const { failure } = x;
    if (failure?.flags.has("interrupted")) return Verdict.ignored;
    if (failure?.code === "total.timeout") return Verdict.failure;
    const found = verdictOf(this.#policy.classifier.classify(x, "respond"));
    if (found !== Verdict.failure || failure !== undefined) return found;
    return x.response.headers.get("l5d-retryable") === "true" ? Verdict.retryable : found;
  }

  /** An answer whose head is all there is of it has come to its end. */
  #awaitEnd(x: Exchange): void {
    if (x.responseBody === noBody) this.#judgeEnd(x);
    else x.trailing = this;
  }

  #judgeEnd(x: Exchange): void {
    const verdict = (x.failure ?? x.broken)?.flags.has("interrupted")
      ? Verdict.ignored
      : verdictOf(this.#policy.classifier.classify(x, "finish"));
    x.numbers[this.#slots.verdict] = verdict === Verdict.retryable ? Verdict.failure : verdict;
  }

  #mayRetry(x: Exchange): boolean {
    const { limit } = this.#policy.retries;
    if (x.requestBody.started || (x.numbers[this.#slots.retries] as number) >= limit) return false;
    if (this.#budget.withdraw(this.#parts.clock.now())) return true;
    this.#series.current.add(Counted.budgetExhausted);
    return false;
  }

  #again(x: Exchange): void {
    const { numbers, values } = x;
    const done = numbers[this.#slots.retries] as number;
    numbers[this.#slots.retries] = done + 1;
    this.#series.current.add(Counted.retries);
    x.resetAttempt();
    if (!waits(this.#policy.retries.backoff)) {
      numbers[this.#slots.phase] = Phase.trying;
      return this.next.dispatch(x);
    }
    numbers[this.#slots.phase] = Phase.waiting;
    x.holder = this;
    values[this.#slots.backoff] = this.#parts.clock.timer(this.#wait(done), () => this.#waited(x));
  }

  /** The wait of the retry after `done` others. */
  #wait(done: number): number {
    const { backoff } = this.#policy.retries;
    let wait = 0;
    for (let step = 0; step <= done; step++) wait = nextBackoff(backoff, wait, this.#parts.random);
    return wait;
  }

  #waited(x: Exchange): void {
    this.#endWait(x);
    this.next.dispatch(x);
  }

  #endWait(x: Exchange): void {
    const timer = x.values[this.#slots.backoff] as Disposable | undefined;
    timer?.[Symbol.dispose]();
    x.values[this.#slots.backoff] = undefined;
    x.numbers[this.#slots.phase] = Phase.trying;
    x.holder = undefined;
  }
}

function waits(backoff: BackoffParams): boolean {
  return (backoff.kind === "constant" ? backoff.ms : backoff.maxMs) > 0;
}

function verdictOf(found: ResponseClass | undefined): number {
  if (found === undefined) return Verdict.unknown;
  if (found === "success") return Verdict.success;
  return found === "failure" ? Verdict.failure : Verdict.retryable;
}
