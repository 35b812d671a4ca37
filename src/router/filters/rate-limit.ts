/** Refuses the requests of a route beyond so many a second: at once, and saying when to come again. */
import { type Failure, failure } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import { fail, Filter } from "../../http/filter.ts";
import type { RateLimitParams } from "../params.ts";
import { Counted, type RouteSeries } from "../route-series.ts";

/** Callers that are told apart at one moment; the one that came first is forgotten first, and begins anew. */
const MOST_CALLERS = 10_000;

/** What one caller may still send: it fills up steadily, to `burst` at most. */
interface Bucket {
  tokens: number;
  /** Monotonic ms at which there were so many. */
  at: number;
}

/** With `by` each value of that header has a bucket of its own; requests without it share one. */
export class RateLimit extends Filter {
  readonly #params: RateLimitParams;
  readonly #clock: Clock;
  readonly #series: RouteSeries;
  readonly #buckets = new Map<string, Bucket>();
  #refusal: Failure | undefined = undefined;

  constructor(params: RateLimitParams, clock: Clock, series: RouteSeries) {
    super();
    this.#params = params;
    this.#clock = clock;
    this.#series = series;
  }

  override dispatch(x: Exchange): void {
    const { by, rps, burst } = this.#params;
    const now = this.#clock.now();
    const caller = by === undefined ? "" : (x.request.headers.get(by) ?? "");
    const bucket = this.#buckets.get(caller) ?? this.#open(caller, now);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * rps) / 1000);
    bucket.at = now;
    if (bucket.tokens >= 1) {
      bucket.tokens--;
      return this.next.dispatch(x);
    }
    this.#series.current.add(Counted.rateLimited);
    fail(this.prev, x, this.#refused(Math.max(1, Math.ceil((1 - bucket.tokens) / rps))));
  }

  #open(caller: string, now: number): Bucket {
    if (this.#buckets.size >= MOST_CALLERS) {
      const first = this.#buckets.keys().next();
      if (first.done !== true) this.#buckets.delete(first.value);
    }
    const bucket = { tokens: this.#params.burst, at: now };
    // A copy: the value may be a slice of the request's whole head.
    this.#buckets.set(Buffer.from(caller, "latin1").toString("latin1"), bucket);
    return bucket;
  }

  /** Who is refused comes in crowds: the same answer for all of a moment. */
  #refused(retryAfterSecs: number): Failure {
    if (this.#refusal?.retryAfterSecs !== retryAfterSecs) {
      const text = `The route takes ${this.#params.rps} requests a second${this.#params.by === undefined ? "" : " of each caller"}.`;
      this.#refusal = Object.freeze({ ...failure("request.rate_limited", text), retryAfterSecs });
    }
    return this.#refusal;
  }
}
