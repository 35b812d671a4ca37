/** Judges every answer of a route, and tries again what the classifier calls retryable and the budget can pay. */
import type { Failure, FailureCode } from "../../base/failure.ts";
import type { Clock, Random } from "../../base/time.ts";
import { timesColumn } from "../../base/times-columns.ts";
import { discard, noBody } from "../../http/body.ts";
import type { Classifier, ResponseClass } from "../../http/classifier.ts";
import { endOf, noteAttempt } from "../../http/decisions.ts";
import type { Exchange, Holder, Trailing } from "../../http/exchange.ts";
import { fail, Filter } from "../../http/filter.ts";
import type { Headers } from "../../http/headers.ts";
import { ReplayBody } from "../../http/replay-body.ts";
import { nextBackoff } from "../backoff.ts";
import type { Budget } from "../budget.ts";
import type { RetryParams } from "../params.ts";
import { pushBackOf } from "../push-back.ts";
import { Counted, type RouteSeries } from "../route-series.ts";
import { Phase, type RouterSlots, Verdict } from "../slots.ts";
import { classTrailers, tellClass } from "../success-class.ts";
import { timeLeft } from "../time-left.ts";

/** A longer wait than this is not waited here: the answer that asks for it goes to the caller. */
const LONGEST_PUSH_BACK_MS = 10_000;

/** What is read of an answer that nobody gets, and for how long: no more than a connection is worth. */
const MOST_DISCARDED = 16 * 1024;
const DISCARD_MS = 50;

/** Whatever a classifier says: time is up, or the router itself sheds load, which another attempt would only add to. */
const NOT_OF_THE_ATTEMPT: ReadonlySet<FailureCode> = new Set<FailureCode>(["total.timeout", "cluster.overloaded"]);

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
    if (x.requestBody.length !== 0) this.#keepBody(x);
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
    this.#letEnd(x);
  }

  override finish(x: Exchange): void {
    if (x.numbers[this.#slots.phase] === Phase.ending) return this.#ended(x);
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

  #keepBody(x: Exchange): void {
    const { keptBytes, keepsStreams } = this.#policy.retries;
    const { length } = x.requestBody;
    if (length > keptBytes || keptBytes === 0 || (length < 0 && !keepsStreams)) return;
    const replay = new ReplayBody(x.requestBody, keptBytes);
    x.values[this.#slots.replay] = replay;
    x.requestBody = replay;
  }

  #judge(x: Exchange): number {
    const { failure } = x;
    if (failure?.flags.has("interrupted")) return Verdict.ignored;
    if (failure !== undefined && NOT_OF_THE_ATTEMPT.has(failure.code)) return Verdict.failure;
    const found = verdictOf(this.#policy.classifier.classify(x, "respond"));
    if (failure !== undefined) return found;
    if (found === Verdict.retryable) return isRefusedForGood(x) ? Verdict.failure : found;
    if (found !== Verdict.failure) return found;
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

  /** A short answer is read to its end, so that its connection can be used again. */
  #letEnd(x: Exchange): void {
    const { length } = x.responseBody;
    if (x.failure !== undefined || length < 0 || length > MOST_DISCARDED) return x.abandon();
    x.values[this.#slots.timer] = this.#parts.clock.timer(DISCARD_MS, () => x.abandon());
    if (length > 0) x.responseBody.pipe(discard);
  }

  /** The attempt that is given up is over. The caller may have left meanwhile, or the time be up. */
  #ended(x: Exchange): void {
    this.#endWait(x);
    const { broken } = x;
    const isOver = broken !== undefined && (broken.code === "total.timeout" || broken.flags.has("interrupted"));
    if (!isOver) return this.#again(x);
    x.resetAttempt();
    x.numbers[this.#slots.verdict] = broken.flags.has("interrupted") ? Verdict.ignored : Verdict.failure;
    fail(this.prev, x, broken);
  }

  /** Pays for another attempt, and settles how long it waits. Notes why there is none. */
  #mayRetry(x: Exchange): boolean {
    const missing = this.#missing(x);
    if (missing === undefined) return true;
    this.#series.current.add(missing === "budget" ? Counted.budgetExhausted : Counted[missing]);
    this.#note(x, "end", missing);
    return false;
  }

  #missing(x: Exchange): "body" | "limit" | "push-back" | "time" | "budget" | undefined {
    const { numbers } = x;
    const { clock, random } = this.#parts;
    const { retries, wait, backoff: before } = this.#slots;
    const done = numbers[retries] as number;
    if (x.requestBody.started) return "body";
    if (done >= this.#policy.retries.limit) return "limit";
    const backoff = nextBackoff(this.#policy.retries.backoff, done === 0 ? undefined : numbers[before], random);
    const pushBack = x.failure === undefined ? pushBackOf(x.response.headers, clock.wall()) : 0;
    if (pushBack > LONGEST_PUSH_BACK_MS) return "push-back";
    numbers[before] = backoff;
    numbers[wait] = Math.max(backoff, pushBack);
    if ((numbers[wait] as number) >= timeLeft(x, this.#slots, clock)) return "time";
    return this.#budget.withdraw(clock.now()) ? undefined : "budget";
  }

  #note(x: Exchange, kind: "again" | "end", because: string, ms?: number): void {
    const decision = { at: this.#parts.clock.now(), kind, by: "retry", because } as const;
    noteAttempt(x, this.#slots, ms === undefined ? decision : { ...decision, ms });
  }

  #again(x: Exchange): void {
    const { numbers, values } = x;
    const waitMs = numbers[this.#slots.wait] as number;
    this.#count(x);
    this.#note(x, "again", endOf(x), waitMs);
    x.resetAttempt();
    if (waitMs === 0) {
      numbers[this.#slots.phase] = Phase.trying;
      return this.next.dispatch(x);
    }
    numbers[this.#slots.phase] = Phase.waiting;
    x.holder = this;
    values[this.#slots.timer] = this.#parts.clock.timer(waitMs, () => this.#waited(x));
  }

  #count({ numbers }: Exchange): void {
    const done = (numbers[this.#slots.retries] as number) + 1;
    numbers[this.#slots.retries] = done;
    this.#series.current.add(Counted.retries);
    const column = timesColumn(done);
    if (column !== undefined) this.#series.current.add(Counted.retried + column);
  }

  #waited(x: Exchange): void {
    this.#endWait(x);
    this.next.dispatch(x);
  }

  #endWait(x: Exchange): void {
    const timer = x.values[this.#slots.timer] as Disposable | undefined;
    timer?.[Symbol.dispose]();
    x.values[this.#slots.timer] = undefined;
    x.numbers[this.#slots.phase] = Phase.trying;
    x.holder = undefined;
  }
}

/** As Finagle says that nobody is to try this again, wherever. */
function isRefusedForGood({ response: { status, headers } }: Exchange): boolean {
  return status === 503 && headers.get("finagle-http-nonretryable-nack") !== undefined;
}

function verdictOf(found: ResponseClass | undefined): number {
  if (found === undefined) return Verdict.unknown;
  if (found === "success") return Verdict.success;
  return found === "failure" ? Verdict.failure : Verdict.retryable;
}
