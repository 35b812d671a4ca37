/** Takes no more requests than a server may have under way: what is above it is refused at once, and not made to wait. */
import { failures } from "../../base/failure.ts";
import type { Exchange } from "../../http/exchange.ts";
import { fail, Filter } from "../../http/filter.ts";

export class ConcurrencyLimit extends Filter {
  readonly #limit: number;
  #underWay = 0;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override dispatch(x: Exchange): void {
    if (this.#underWay >= this.#limit) return fail(this.prev, x, failures["server.overloaded"]);
    this.#underWay++;
    this.next.dispatch(x);
  }

  override finish(x: Exchange): void {
    this.#underWay--;
    this.prev.finish(x);
  }
}
