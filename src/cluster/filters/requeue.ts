/** Sends an exchange that did not reach an endpoint to another one, at once. */
import type { SeriesRow } from "../../base/metrics.ts";
import { asFinal, type Failure, type FailureCode } from "../../base/failure.ts";
import { timesColumn } from "../../base/times-columns.ts";
import type { Clock } from "../../base/time.ts";
import { endOf, noteAttempt } from "../../http/decisions.ts";
import { Filter } from "../../http/filter.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Status } from "../../http/transport.ts";
import { Counted } from "../cluster-series.ts";
import type { Endpoint } from "../endpoint.ts";
import { type ClusterSlots, Outcome } from "../slots.ts";

/** Extra attempts of one exchange. */
const LIMIT = 25;
/** Of one that never left: one for each endpoint that may be reached, and no more than that. */
const MOST_CONNECTS = 500;

/** These are the cluster's own: asking it again would give the same answer. */
const OF_THE_CLUSTER: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "name.unavailable",
  "cluster.empty",
  "cluster.overloaded",
]);

/** Of what the budget could pay for, so much is for one exchange. */
const SHARE = 0.2;

/** Pays for requeues of what an endpoint refused after it was sent. `now` is monotonic ms. */
export interface RequeueBudget {
  /** How many it could pay for now. */
  readonly balance: number;
  deposit(now: number): void;
  /** Whether there was enough. */
  withdraw(now: number): boolean;
}

/** What clusters share that are configured alike. */
export interface RequeueKit {
  readonly clock: Clock;
  readonly slots: ClusterSlots;
  /** No attempt begins later than this after the first one. */
  readonly bindingTimeoutMs: number;
}

interface RequeuedCluster {
  readonly status: Status;
  readonly endpoints: readonly Endpoint[];
}

/** Why an exchange is not sent again that could be: the column that counts it, and whether the failure stands for good. */
const refusals = {
  "not open": { column: Counted.notOpen, isFinal: false },
  body: { column: Counted.cannotRetry, isFinal: false },
  limit: { column: undefined, isFinal: false },
  time: { column: undefined, isFinal: false },
  share: { column: Counted.requestLimit, isFinal: true },
  budget: { column: Counted.budgetExhausted, isFinal: true },
} as const;

/**
 * Only what is known not to have been processed, and whose body nobody has begun to take, is sent again; and only
 * while an endpoint is open, or what never left may still reach one. What never left costs nothing; what was sent and
 * refused is paid for by the budget, a part of which is all that one exchange gets. Whoever has had that is not retried
 * for the same reason by the route either.
 */
export class Requeue extends Filter {
  readonly #kit: RequeueKit;
  readonly #slots: ClusterSlots;
  readonly #cluster: RequeuedCluster;
  readonly #row: SeriesRow;
  readonly #budget: RequeueBudget | undefined;

  /** Without a budget, what was sent is not sent again here. */
  constructor(kit: RequeueKit, cluster: RequeuedCluster, row: SeriesRow, budget?: RequeueBudget) {
    super();
    this.#kit = kit;
    this.#slots = kit.slots;
    this.#cluster = cluster;
    this.#row = row;
    this.#budget = budget;
  }

  override dispatch(x: Exchange): void {
    x.numbers[this.#slots.requeues] = 0;
    x.numbers[this.#slots.again] = 0;
    x.numbers[this.#slots.paid] = 0;
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    const { failure } = x;
    if (failure === undefined || !isUnprocessed(failure)) return this.prev.respond(x);
    const missing = this.#missing(x);
    if (missing !== undefined) {
      this.#refused(x, failure, missing);
      return this.prev.respond(x);
    }
    x.numbers[this.#slots.again] = 1;
    x.abandon();
  }

  /** The next attempt begins when the last one is over, so that the stages below never see two at once. */
  override finish(x: Exchange): void {
    if (x.numbers[this.#slots.again] !== 1) {
      if (x.numbers[this.#slots.outcome] === Outcome.success) this.#budget?.deposit(x.answeredAt);
      return this.prev.finish(x);
    }
    x.numbers[this.#slots.again] = 0;
    this.#count(x);
    this.#note(x, "again", endOf(x));
    x.resetAttempt();
    this.next.dispatch(x);
  }

  #count({ numbers }: Exchange): void {
    const done = (numbers[this.#slots.requeues] as number) + 1;
    numbers[this.#slots.requeues] = done;
    this.#row.add(Counted.requeues);
    const column = timesColumn(done);
    if (column !== undefined) this.#row.add(Counted.requeued + column);
  }

  #missing(x: Exchange): keyof typeof refusals | undefined {
    const { numbers } = x;
    const { requeues, enteredAt, startedAt } = this.#slots;
    const now = this.#kit.clock.now();
    if (x.requestBody.started) return "body";
    if (numbers[requeues] === 0) numbers[enteredAt] = numbers[startedAt] as number;
    if (this.#isLimited(x, numbers[requeues] as number)) return "limit";
    if (now - (numbers[enteredAt] as number) >= this.#kit.bindingTimeoutMs) return "time";
    if (this.#cluster.status !== "open" && !this.#isReachable(x)) return "not open";
    return x.sent ? this.#unpaid(x, now) : undefined;
  }

  /**
   * Where none is open, one that was taken out for its answers may still take the connection that others refused, even
   * if this exchange was on one of its connections as that ended. When it refuses too, it is known that nobody can be
   * reached, and the next alternative of a name that is held takes over.
   */
  #isReachable(x: Exchange): boolean {
    return !x.sent && this.#cluster.endpoints.some((endpoint) => !endpoint.lost);
  }

  #isLimited(x: Exchange, done: number): boolean {
    if (done < LIMIT) return false;
    return done >= Math.min(this.#cluster.endpoints.length, MOST_CONNECTS) || !this.#isReachable(x);
  }

  /** What the budget lacks for an exchange that was sent; else it has paid. */
  #unpaid(x: Exchange, now: number): "share" | "budget" | undefined {
    const { numbers } = x;
    const { paid, most } = this.#slots;
    const done = numbers[paid] as number;
    if (done === 0) numbers[most] = Math.ceil(SHARE * (this.#budget?.balance ?? 0));
    if (done >= (numbers[most] as number)) return "share";
    if (this.#budget?.withdraw(now) !== true) return "budget";
    numbers[paid] = done + 1;
    return undefined;
  }

  #refused(x: Exchange, failure: Failure, missing: keyof typeof refusals): void {
    const { column, isFinal } = refusals[missing];
    if (column !== undefined) this.#row.add(column);
    if (isFinal) x.failure = asFinal(failure);
    this.#note(x, "end", missing);
  }

  #note(x: Exchange, kind: "again" | "end", because: string): void {
    noteAttempt(x, this.#slots, { at: this.#kit.clock.now(), kind, by: "requeue", because });
  }
}

function isUnprocessed({ flags, code }: Failure): boolean {
  return flags.has("retryable") && !OF_THE_CLUSTER.has(code);
}
