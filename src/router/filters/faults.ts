/** Does to requests what a configuration says for a test: lets them wait, or answers them with a failure. */
import { type Failure, failures } from "../../base/failure.ts";
import type { Clock, Random } from "../../base/time.ts";
import type { Exchange, Holder } from "../../http/exchange.ts";
import { fail, Filter } from "../../http/filter.ts";
import { RequestMatcher } from "../../http/request-matcher.ts";
import type { FaultParams } from "../params.ts";

export interface FaultsParts {
  readonly clock: Clock;
  readonly random: Random;
  /** So many requests of a route wait at once; others do not. */
  readonly maxPending: number;
}

interface Fault {
  readonly matcher: RequestMatcher;
  readonly fraction: number;
  readonly delayMs: number;
  readonly failure: Failure | undefined;
}

export class Faults extends Filter implements Holder {
  readonly #parts: FaultsParts;
  readonly #faults: readonly Fault[];
  readonly #waiting = new Map<Exchange, Disposable>();

  constructor(parts: FaultsParts, faults: readonly FaultParams[]) {
    super();
    this.#parts = parts;
    this.#faults = faults.map(({ match, fraction, delayMs, abort }) => {
      return {
        matcher: new RequestMatcher(match),
        fraction,
        delayMs,
        failure: abort === undefined ? undefined : injected(abort),
      };
    });
  }

  override dispatch(x: Exchange): void {
    const fault = this.#drawn(x);
    if (fault === undefined) return this.next.dispatch(x);
    if (fault.delayMs === 0 || this.#waiting.size >= this.#parts.maxPending) return this.#go(x, fault);
    x.holder = this;
    const timer = this.#parts.clock.timer(fault.delayMs, () => {
      this.#leave(x);
      this.#go(x, fault);
    });
    this.#waiting.set(x, timer);
  }

  /** Of a request that waits. */
  cancel(x: Exchange, failure: Failure): void {
    if (this.#leave(x)) fail(this.prev, x, failure);
  }

  /** Of a request that waits. */
  abandon(x: Exchange): void {
    if (this.#leave(x)) this.prev.finish(x);
  }

  #drawn(x: Exchange): Fault | undefined {
    const { random } = this.#parts;
    return this.#faults.find(({ matcher, fraction }) => matcher.matches(x) && random.next() < fraction);
  }

  #go(x: Exchange, { failure }: Fault): void {
    if (failure === undefined) this.next.dispatch(x);
    else fail(this.prev, x, failure);
  }

  #leave(x: Exchange): boolean {
    const timer = this.#waiting.get(x);
    if (timer === undefined) return false;
    this.#waiting.delete(x);
    timer[Symbol.dispose]();
    x.holder = undefined;
    return true;
  }
}

function injected(status: number): Failure {
  return Object.freeze({ ...failures["fault.injected"], status, message: `injected: a fault answers with ${status}` });
}
