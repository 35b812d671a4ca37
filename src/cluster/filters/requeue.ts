/** Sends an exchange that did not reach an endpoint to another one, at once. */
import type { SeriesRow } from "../../base/metrics.ts";
import type { FailureCode } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import { Filter } from "../../http/filter.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Status } from "../../http/transport.ts";
import { Counted } from "../cluster-series.ts";
import { type ClusterSlots, Outcome } from "../slots.ts";

/** Extra attempts of one exchange. */
const LIMIT = 25;

/** These are the cluster's own: asking it again would give the same answer. */
const OF_THE_CLUSTER: ReadonlySet<FailureCode> = new Set<FailureCode>([
  "name.unavailable",
  "cluster.empty",
  "cluster.overloaded",
]);

/** Pays for requeues of what an endpoint refused after it was sent. `now` is monotonic ms. */
export interface RequeueBudget {
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

/**
 * Only what is known not to have been processed, and whose body nobody has begun to take, is sent again; and only
 * while an endpoint is open. What never left costs nothing; what was sent and refused is paid for by the budget.
 */
export class Requeue extends Filter {
  readonly #kit: RequeueKit;
  readonly #slots: ClusterSlots;
  readonly #cluster: { readonly status: Status };
  readonly #row: SeriesRow;
  readonly #budget: RequeueBudget | undefined;

  /** Without a budget, what was sent is not sent again here. */
  constructor(kit: RequeueKit, cluster: { readonly status: Status }, row: SeriesRow, budget?: RequeueBudget) {
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
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    if (x.failure === undefined || !this.#mayGoOn(x)) return this.prev.respond(x);
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
    x.numbers[this.#slots.requeues] = (x.numbers[this.#slots.requeues] as number) + 1;
    this.#row.add(Counted.requeues);
    x.resetAttempt();
    this.next.dispatch(x);
  }

  #mayGoOn(x: Exchange): boolean {
    const { failure } = x;
    if (failure === undefined || !failure.flags.has("retryable") || OF_THE_CLUSTER.has(failure.code)) return false;
    if (x.requestBody.started || this.#isSpent(x)) return false;
    if (this.#cluster.status !== "open") {
      this.#row.add(Counted.notOpen);
      return false;
    }
    return !x.sent || this.#budget?.withdraw(this.#kit.clock.now()) === true;
  }

  #isSpent(x: Exchange): boolean {
    const { numbers } = x;
    const { requeues, enteredAt, startedAt } = this.#slots;
    if (numbers[requeues] === 0) numbers[enteredAt] = numbers[startedAt] as number;
    const sinceMs = this.#kit.clock.now() - (numbers[enteredAt] as number);
    return sinceMs >= this.#kit.bindingTimeoutMs || (numbers[requeues] as number) >= LIMIT;
  }
}
