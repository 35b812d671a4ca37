/** Says of a connection how it ended, where no classifier could: well, unless it was broken off. */
import type { Exchange } from "../../http/exchange.ts";
import { Filter } from "../../http/filter.ts";
import { type RouterSlots, Verdict } from "../slots.ts";

export class ConnectionVerdict extends Filter {
  readonly #verdict: number;

  constructor(slots: RouterSlots) {
    super();
    this.#verdict = slots.verdict;
  }

  override finish(x: Exchange): void {
    const why = x.failure ?? x.broken;
    if (why === undefined) x.numbers[this.#verdict] = Verdict.success;
    else x.numbers[this.#verdict] = why.flags.has("interrupted") ? Verdict.ignored : Verdict.failure;
    this.prev.finish(x);
  }
}
