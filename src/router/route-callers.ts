/** Who has called a route since somebody asked last: the addresses of connections, and what their certificates showed. */
import type { RouteCaller } from "../base/bound-routes.ts";
import type { Exchange } from "../http/exchange.ts";

/** Of one route until somebody asks; who asks does so every half minute. */
const MOST_CALLERS = 50;

export interface TakenCallers {
  readonly callers: readonly RouteCaller[];
  /** Connections that had no room. */
  readonly left: number;
}

/** Of all routes that nobody has called. No connection is noted by it. */
const NOBODY: RouteCaller[] = [];

/** A connection is noted with its first exchange on the route, and once more when it has been asked since. */
export class RouteCallers {
  /** Connections know what they are noted by. */
  #callers = NOBODY;
  #left = 0;

  /** On the way of every exchange: no more than a look at the connection, if that is noted. True for the first of all. */
  note(x: Exchange): boolean {
    return x.caller?.notedBy !== this.#callers && this.#add(x);
  }

  /** Begins anew. */
  take(): TakenCallers {
    const taken = { callers: this.#callers, left: this.#left };
    this.#callers = NOBODY;
    this.#left = 0;
    return taken;
  }

  #add({ caller, remoteAddress: address, proof }: Exchange): boolean {
    const isFirst = this.#callers === NOBODY;
    if (isFirst) this.#callers = [];
    const callers = this.#callers;
    if (caller !== undefined) caller.notedBy = callers;
    const certificate = proof?.id ?? "";
    const isKnown = callers.some((each) => each.address === address && (each.certificate ?? "") === certificate);
    if (address === "" || isKnown) return isFirst;
    if (callers.length >= MOST_CALLERS) this.#left++;
    else callers.push({ address, ...(certificate === "" ? {} : { certificate }) });
    return isFirst;
  }
}
