/** Sends an exchange that did not reach an endpoint to another one, at once. */
import type { Counter } from "../../base/metrics.ts";
import type { FailureCode } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import { Filter } from "../../http/filter.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Status } from "../../http/transport.ts";
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

export interface RequeueParts {
  readonly clock: Clock;
  readonly slots: ClusterSlots;
  /** No attempt begins later than this after the first one. */
  readonly withinMs: number;
  readonly cluster: { readonly status: Status };
  /** Without it, what was sent is not sent again here. */
  readonly budget?: RequeueBudget;
  readonly requeues: Counter;
  /** How often there was no open endpoint to go on with. */
  readonly notOpen: Counter;
}

/**
 * Only what is known not to have been processed, and whose body nobody has begun to take, is sent again; and only
 * while an endpoint is open. What never left costs nothing; what was sent and refused is paid for by the budget.
 */
export class Requeue extends Filter {
  readonly #parts: RequeueParts;
  readonly #slots: ClusterSlots;
  constructor(parts: RequeueParts) {
    super();
    this.#parts = parts;
    this.#slots = parts.slots;
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
      if (x.numbers[this.#slots.outcome] === Outcome.success) this.#parts.budget?.deposit(x.answeredAt);
      return this.prev.finish(x);
    }
    x.numbers[this.#slots.again] = 0;
    x.numbers[this.#slots.requeues] = (x.numbers[this.#slots.requeues] as number) + 1;
    this.#parts.requeues.value++;
    x.resetAttempt();
    this.next.dispatch(x);
  }

  #mayGoOn(x: Exchange): boolean {
    const { failure } = x;
    if (failure === undefined || !failure.flags.has("retryable") || OF_THE_CLUSTER.has(failure.code)) return false;
    if (x.requestBody.started || this.#isSpent(x)) return false;
    if (this.#parts.cluster.status !== "open") {
      this.#parts.notOpen.value++;
      return false;
    }
    return !x.sent || this.#parts.budget?.withdraw(this.#parts.clock.now()) === true;
  }

  #isSpent(x: Exchange): boolean {
    const { numbers } = x;
    const { requeues, enteredAt, startedAt } = this.#slots;
    if (numbers[requeues] === 0) numbers[enteredAt] = numbers[startedAt] as number;
    const sinceMs = this.#parts.clock.now() - (numbers[enteredAt] as number);
    return sinceMs >= this.#parts.withinMs || (numbers[requeues] as number) >= LIMIT;
  }
}
