/** Refuses requests that have passed too many proxies: they go in circles. */
import { type Failure, failure } from "../../base/failure.ts";
import type { Exchange } from "../../http/exchange.ts";
import { fail, Filter } from "../../http/filter.ts";
import { viaCount } from "../../http/hygiene.ts";

export class CallDepth extends Filter {
  readonly #max: number;
  readonly #tooDeep: Failure;

  /** Exactly `max` elements of Via are allowed. */
  constructor(max: number) {
    super();
    this.#max = max;
    const text = `Maximum number of calls (${max}) has been exceeded. Please check for proxy loops.`;
    this.#tooDeep = failure("request.loop", text);
  }

  override dispatch(x: Exchange): void {
    if (viaCount(x.request.headers) > this.#max) return fail(this.prev, x, this.#tooDeep);
    this.next.dispatch(x);
  }
}
