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
    const certificate = proof?.id ?? "";
    const found: RouteCaller = { address, ...(certificate === "" ? {} : { certificate }) };
    const isFirst = this.#callers === NOBODY;
    // Most routes have one caller, and a list that has grown has room for more than it holds.
    if (isFirst) this.#callers = address === "" ? [] : [found];
    else this.#join(found);
    if (caller !== undefined) caller.notedBy = this.#callers;
    return isFirst;
  }

  #join(found: RouteCaller): void {
    const { address, certificate } = found;
    const isKnown = this.#callers.some((each) => each.address === address && each.certificate === certificate);
    if (address === "" || isKnown) return;
    if (this.#callers.length >= MOST_CALLERS) this.#left++;
    else this.#callers.push(found);
  }
}
