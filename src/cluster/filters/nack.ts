/** Takes an answer by which an endpoint says that it did nothing with a request for the refusal that it is. */
import { failures } from "../../base/failure.ts";
import { fail, Filter } from "../../http/filter.ts";
import type { Exchange } from "../../http/exchange.ts";

/**
 * As Finagle says it: 503 with a field of its own, which this router's servers write too. A bare `retry-after: 0` does
 * not say that nothing was done.
 */
export class Nack extends Filter {
  readonly #nacked: number;

  constructor(slots: { readonly nacked: number }) {
    super();
    this.#nacked = slots.nacked;
  }

  override dispatch(x: Exchange): void {
    x.numbers[this.#nacked] = 0;
    this.next.dispatch(x);
  }

  override respond(x: Exchange): void {
    if (x.failure !== undefined || x.response.status !== 503) return this.prev.respond(x);
    if (x.response.headers.get("finagle-http-nack") === undefined) return this.prev.respond(x);
    x.numbers[this.#nacked] = 1;
    x.abandon();
  }

  override finish(x: Exchange): void {
    if (x.numbers[this.#nacked] !== 1) return this.prev.finish(x);
    x.numbers[this.#nacked] = 0;
    fail(this.prev, x, failures["upstream.refused"]);
  }
}
