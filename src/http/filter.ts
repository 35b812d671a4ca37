/** Stages of the request path: linked once, shared by every exchange. */
import type { Failure } from "../base/failure.ts";
import type { Exchange, Responder, Service } from "./exchange.ts";

/** One stage, stateless but for the exchange's slots. A filter that does not override a verb is not on that verb's way. */
export abstract class Filter implements Service, Responder {
  next!: Service;
  prev!: Responder;

  /** Towards the upstream. To park an exchange keep it, set `x.holder`, and call `next.dispatch(x)` later. */
  dispatch(x: Exchange): void {
    this.next.dispatch(x);
  }

  /** Back towards the downstream, for answers and failures alike. */
  respond(x: Exchange): void {
    this.prev.respond(x);
  }

  /** Once for every dispatch, however it ended. */
  finish(x: Exchange): void {
    this.prev.finish(x);
  }
}

/** Answers an exchange with a failure at this stage: the stages above hear `respond`, then `finish`. */
export function fail(prev: Responder, x: Exchange, failure: Failure): void {
  x.failure = failure;
  prev.respond(x);
  prev.finish(x);
}

/** A row of filters with its two ends. */
export interface Tier {
  /** Where a request enters. */
  readonly first: Service;
  /** Where the stage below answers to. */
  readonly last: Responder;
}

/**
 * Sets the pointers of a tier between `prev` (above) and `next` (below). A filter that inherits `dispatch` is not on
 * the way down; one that inherits both `respond` and `finish` is not on the way up.
 */
export function link(filters: readonly Filter[], prev: Responder, next: Service): Tier {
  let above = prev;
  for (const filter of filters) {
    filter.prev = above;
    if (hears(filter)) above = filter;
  }
  let below = next;
  for (const filter of filters.toReversed()) {
    filter.next = below;
    if (filter.dispatch !== Filter.prototype.dispatch) below = filter;
  }
  return { first: below, last: above };
}

function hears(filter: Filter): boolean {
  return filter.respond !== Filter.prototype.respond || filter.finish !== Filter.prototype.finish;
}
